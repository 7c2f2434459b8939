import json

EVENT_TRIGGER = """
CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'not here'; END$$;
CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION no();
"""


def printed(output):
    return json.JSONDecoder().raw_decode(output[output.index("{\n"):])[0]


def refusals(case, name, status, options=("--log-level", "off"), text=None, **settings):
    config = case.write_config(name, **settings)
    if text is not None:
        config.write_text(text)
    got, output = case.pgwraith("plan", "--json", *options, config=config)
    case.check(got == status, f"{name}: exit {got}, expected {status}: {output}")
    found = printed(output)["refusals"]
    case.check(found and all(one["reason"] and one["object"] and one["remedy"] for one in found), f"{name}: {found}")
    return found


def run(case):
    case.superuser("ALTER TABLE t OWNER TO migrator")
    case.says(refusals(case, "missing.yaml", 3, table="public.missing")[0]["reason"], "no table")
    nobody = case.server.uri(case.database, "nobody")
    case.says(refusals(case, "nobody.yaml", 3, connection=nobody)[0]["reason"], 'role "nobody"')
    case.says(refusals(case, "usage.yaml", 2, verify="perhaps")[0]["reason"], "verify")
    found = refusals(case, "two.yaml", 2, verify="perhaps", old_table="give away")
    case.check(len(found) == 2, f"one for each problem: {found}")
    case.says(refusals(case, "level.yaml", 2, options=("--log-level", "loud"))[0]["reason"], "loud")
    case.check(refusals(case, "option.yaml", 2, options=("--colour",))[0]["object"] == "command line", "what is wrong")
    case.says(refusals(case, "broken.yaml", 2, text="a: [")[0]["reason"], "broken.yaml")
    refusals(case, "bytes.yaml", 2, text="table: \x01")
    config = case.dir / "missing_file.yaml"
    got, output = case.pgwraith("plan", "--json", config=config)
    found = printed(output)["refusals"]
    case.check(got == 2 and len(found) == 1 and str(config) in found[0]["reason"], f"a file that is not there: {output}")
    case.psql("CREATE MATERIALIZED VIEW m1 AS SELECT id FROM t; CREATE MATERIALIZED VIEW m2 AS SELECT id FROM t")
    found = refusals(case, "views.yaml", 3)
    case.check(len(found) == 2 and {"m1" in one["reason"] for one in found} == {True, False}, f"one each: {found}")
    case.superuser("DROP MATERIALIZED VIEW m1, m2; " + EVENT_TRIGGER)
    case.says(refusals(case, "trigger.yaml", 3)[0]["reason"], "not here")
