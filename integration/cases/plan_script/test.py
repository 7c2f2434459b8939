import json

SCRIPT = """BEGIN;
SET lock_timeout = '2s';
ALTER TABLE t ADD COLUMN c text;
CREATE TABLE fresh (id int);
ALTER TABLE "public"."O t" ALTER COLUMN b TYPE bigint;
CREATE INDEX t_c ON t (c);
COMMENT ON INDEX t_c IS 'new';
ALTER INDEX o_b RENAME TO o_b2;
DROP STATISTICS o_st;
ALTER SEQUENCE t_id_seq AS bigint;
DROP INDEX nowhere;
INSERT INTO t (a) VALUES (1);
COMMIT;
"""


def run(case):
    script = case.dir / "change.sql"
    script.write_text(SCRIPT)
    way = case.server.uri(case.database, "migrator")
    directory = case.dir / "files"
    options = ["--connection", way, "--log-level", "off", "--write", str(directory)]
    got, output = case.pgwraith_with("plan", "--json", "--sql", str(script), *options)
    case.check(got == 0, f"exit {got}: {output}")
    found = json.loads(output[output.index("{"):output.rindex("}") + 1])
    ways = {table["table"]: table["way"] for table in found["tables"]}
    case.check(ways == {'"public"."t"': "online", '"public"."O t"': "shadow"}, ways)
    summaries = [part["summary"] for table in found["tables"] for part in table["parts"]]
    case.check(len(summaries) == 7, summaries)
    case.check([one["line"] for one in found["left"]] == [4, 11, 12], found["left"])

    # The files are what `plan FILE` takes.
    case.check(sorted(path.name for path in directory.iterdir()) == ["public.O t.yaml", "public.t.yaml"], "two files")
    got, output = case.pgwraith("plan", "--log-level", "off", config=directory / "public.t.yaml")
    case.check(got == 0, output)
    case.says(output, "online \\(strategy: auto\\)", "CREATE INDEX t_c")
    got, output = case.pgwraith_with("plan", "--sql", str(script), *options)
    case.check(got == 2, "files are not overwritten")

    got, output = case.pgwraith_with("plan", "--sql", "-", "--connection", way, text="ALTER TABLE t ADD COLUMN d int")
    case.check(got == 0, output)
    case.says(output, "instant \\(strategy: auto\\)")
    got, output = case.pgwraith_with("plan", "--sql", "-", "--connection", way, text="ALTR TABLE t")
    case.check(got == 3, output)
    got, output = case.pgwraith_with("plan")
    case.check(got == 2, output)
