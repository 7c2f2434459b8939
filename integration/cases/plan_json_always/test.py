import json

EVENT_TRIGGER = """
CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'not here'; END$$;
CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION no();
"""


def refusals(case, name, status, **settings):
    config = case.write_config(name, **settings)
    got, output = case.pgwraith("plan", "--json", "--log-level", "off", config=config)
    case.check(got == status, f"{name}: exit {got}, expected {status}: {output}")
    plan = json.loads(output[output.index("{"):output.rindex("}") + 1])
    found = plan["refusals"]
    case.check(found and all(one["reason"] and one["object"] and one["remedy"] for one in found), f"{name}: {found}")
    return found


def run(case):
    case.superuser("ALTER TABLE t OWNER TO migrator")
    case.says(refusals(case, "missing.yaml", 3, table="public.missing")[0]["reason"], "no table")
    nobody = case.server.uri(case.database, "nobody")
    case.says(refusals(case, "nobody.yaml", 3, connection=nobody)[0]["reason"], 'role "nobody"')
    case.says(refusals(case, "usage.yaml", 2, verify="perhaps")[0]["reason"], "verify")
    case.psql("CREATE MATERIALIZED VIEW m1 AS SELECT id FROM t; CREATE MATERIALIZED VIEW m2 AS SELECT id FROM t")
    found = refusals(case, "views.yaml", 3)
    case.check(len(found) == 2 and {"m1" in one["reason"] for one in found} == {True, False}, f"one each: {found}")
    case.superuser("DROP MATERIALIZED VIEW m1, m2; " + EVENT_TRIGGER)
    case.says(refusals(case, "trigger.yaml", 3)[0]["reason"], "not here")
