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
    # Names that the script makes, drops of two tables in one statement, settings that say what is so.
    text = ("SET TIME ZONE 'UTC'; SET standard_conforming_strings = on;\nALTER INDEX t_a RENAME TO t_b; COMMENT ON INDEX t_b IS 'x';\n"
            'DROP INDEX t_c2, o_b;\nCREATE TABLE fresh (id int); CREATE INDEX f ON fresh (id); COMMENT ON INDEX f IS \'x\';\n'
            'ALTER TABLE t ADD UNIQUE (a);\nALTER TABLE "O t" ADD FOREIGN KEY (b) REFERENCES t (a)')
    case.superuser("ALTER ROLE migrator IN DATABASE \"" + case.database + "\" SET TimeZone = 'UTC'; CREATE INDEX t_a ON t (a); CREATE INDEX t_c2 ON t (a)")
    got, output = case.pgwraith_with("plan", "--sql", "-", "--json", "--log-level", "off", "--connection", way, text=text)
    case.check(got == 3, output)
    found = json.loads(output[output.index("{"):output.rindex("}") + 1])
    plans = {table["table"]: table for table in found["tables"]}
    case.check([part["summary"] for part in plans['"public"."t"']["parts"]] ==
               ["ALTER INDEX t_a RENAME TO t_b", "COMMENT ON INDEX t_b", "DROP INDEX t_c2", "ADD UNIQUE"], plans)
    case.says(plans['"public"."O t"']["refusals"][0]["remedy"], 'run the file of "public"."t" first')
    case.check([(one["line"], "makes in line 4" in one["why"]) for one in found["left"]] == [(4, False), (4, True), (4, True)],
               found["left"])
    got, output = case.pgwraith_with("plan", "--sql", "-", "--connection", way, text="-- nothing")
    case.check(got == 0, output)
    case.says(output, "There is no statement in the script")
    got, output = case.pgwraith_with("plan", "--sql", "-", "--connection", way, text="ALTR TABLE t")
    case.check(got == 3, output)
    got, output = case.pgwraith_with("plan")
    case.check(got == 2, output)
