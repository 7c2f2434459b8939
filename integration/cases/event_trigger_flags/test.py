
KINDS = {"SET (fillfactor = 50)": "storage parameter fillfactor: 50 instead of nothing",
         "REPLICA IDENTITY FULL": "replica identity: f instead of d",
         "ALTER n SET STATISTICS 7": "statistics target of column n: 7 instead of nothing",
         "ALTER n SET (n_distinct = 5)": "options of column n: n_distinct=5 instead of nothing",
         "OWNER TO app": "owner: app instead of migrator"}
GRANTS = {"SELECT": r"privileges: app=r/migrator, migrator=\w+/migrator instead of migrator=\w+/migrator",
          "UPDATE (n)": "privileges of column n: app=w/migrator instead of nothing"}


def trigger(case, statement):
    """Whatever is altered in the schema public, unless it is altered by this."""
    case.superuser(f"""
        CREATE OR REPLACE FUNCTION public.harden() RETURNS event_trigger LANGUAGE plpgsql AS $$
        DECLARE r record;
        BEGIN
          FOR r IN SELECT object_identity AS it FROM pg_event_trigger_ddl_commands()
                    WHERE object_type = 'table' AND schema_name = 'public' AND pg_trigger_depth() = 0
                      AND current_setting('harden.on', true) IS DISTINCT FROM 'yes' LOOP
            PERFORM set_config('harden.on', 'yes', true);
            EXECUTE format('{statement}', r.it);
            PERFORM set_config('harden.on', 'no', true);
          END LOOP;
        END$$;
        DROP EVENT TRIGGER IF EXISTS harden;
        CREATE EVENT TRIGGER harden ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.harden()""")



def run(case):
    case.superuser("REVOKE ALL ON t FROM app; GRANT app TO migrator; GRANT CREATE ON SCHEMA public TO app")
    case.make_reference()
    statements = {f"ALTER TABLE %s {what}": says for what, says in KINDS.items()}
    statements |= {f"GRANT {what} ON %s TO app": says for what, says in GRANTS.items()}
    for statement, says in statements.items():
        trigger(case, statement)
        code, output = case.pgwraith("plan")
        case.check(code == 3, f"{statement}: plan exits 3, not {code}: {output}")
        case.says(output, "the new table does not have the settings that it must have: .*" + says, "event trigger harden")
    case.superuser("DROP EVENT TRIGGER harden")
    run = case.start()
    run.wait_phase("ready")
    for statement, says in statements.items():
        trigger(case, statement)
        case.pgwraith("cutover")
        case.expect_exit(run, 4)
        case.says(run.log(), "the server refused a statement of the swap: the new table does not have the settings that it must have: .*" + says,
                  "event trigger harden", "Nothing was swapped")
        case.superuser("DROP EVENT TRIGGER harden")
        case.check(not case.old_schemas(), "nothing was swapped")
        run = case.start()
    case.expect_exit(run, 0)
    case.superuser("DROP FUNCTION harden()")
    case.finish_success(run)
