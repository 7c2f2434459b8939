def guard(case, objects, condition, on):
    case.superuser(f"""
        DROP EVENT TRIGGER IF EXISTS guard;
        CREATE OR REPLACE FUNCTION public.guard() RETURNS event_trigger LANGUAGE plpgsql AS $$
        DECLARE r record;
        BEGIN
          FOR r IN SELECT * FROM {objects}() LOOP
            IF {condition} THEN RAISE EXCEPTION '% stays', r.object_identity; END IF;
          END LOOP;
        END$$;
        CREATE EVENT TRIGGER guard ON {on} EXECUTE FUNCTION public.guard()""")


def run(case):
    case.make_reference()
    before = case.server.dump_schema(case.database)
    commands, dropped = "pg_event_trigger_ddl_commands", "pg_event_trigger_dropped_objects"
    for objects, condition, on in (
            (commands, "r.object_identity LIKE '% on public.%' AND r.object_type = 'policy'", "ddl_command_end WHEN TAG IN ('ALTER POLICY')"),
            (commands, "r.object_identity LIKE '% on public.%' AND r.object_type = 'trigger'", "ddl_command_end"),
            (commands, "r.object_identity LIKE 'public.%' AND r.object_type = 'table'", "ddl_command_end"),
            (dropped, "r.object_name = 't' AND r.object_type = 'table'", "sql_drop")):
        guard(case, objects, condition, on)
        code, output = case.pgwraith("plan")
        case.check(code == 3, f"{condition}: plan exits 3, not {code}: {output}")
        case.says(output, "stays", r"event trigger guard \(function public.guard\)")
    case.superuser("DROP EVENT TRIGGER guard; DROP FUNCTION public.guard()")
    case.check_nothing_happened(before)

    # Of what is no concern of the swap, and what cannot fail, nothing is said.
    warns = "event trigger guard .*shows in the swap only"
    for condition, on in (("false", "ddl_command_end WHEN TAG IN ('CREATE EXTENSION')"), (None, "ddl_command_end")):
        guard(case, commands, condition or "false", on)
        if condition is None:
            case.superuser("CREATE OR REPLACE FUNCTION public.guard() RETURNS event_trigger LANGUAGE plpgsql AS "
                           "$$BEGIN PERFORM 1 FROM pg_event_trigger_ddl_commands(); RAISE NOTICE 'seen'; END$$")
        code, output = case.pgwraith("plan")
        case.check(code == 0 and "guard" not in output, f"plan: {code} {output}")

    # A function that the event trigger's calls counts as its own.
    guard(case, commands, "false", "ddl_command_end")
    case.superuser("CREATE FUNCTION public.\"is it?\"() RETURNS void LANGUAGE plpgsql AS $$BEGIN IF EXISTS "
                   "(SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.t') THEN RAISE 'stays'; END IF; END$$; "
                   "CREATE OR REPLACE FUNCTION public.guard() RETURNS event_trigger LANGUAGE plpgsql AS "
                   "$$BEGIN PERFORM public.\"is it?\" (); END$$")
    output = case.succeeds("plan")
    case.says(output, warns)
    case.superuser("DROP EVENT TRIGGER guard; DROP FUNCTION public.guard(), public.\"is it?\"()")

    guard(case, commands, "r.object_identity = 'public.t'", "ddl_command_end")
    output = case.succeeds("plan")
    case.says(output, warns, "ALTER EVENT TRIGGER guard DISABLE")
    run = case.start()
    run.wait_phase("ready")
    case.says(run.log(), warns)
    code, output = case.pgwraith("cutover", wait=True)
    case.check(code == 4, f"cutover exits 4, not {code}: {output}")
    case.expect_exit(run, 4)
    case.says(run.log(), r"the server refused a statement of the swap: public.t stays.*event trigger guard", "Nothing was swapped")
    code, output = case.pgwraith("status")
    case.says(output, "stopped")
    case.check(not case.old_schemas(), f"nothing was swapped: {output}")
    case.superuser("ALTER EVENT TRIGGER guard DISABLE")
    run = case.start()
    case.expect_exit(run, 0)
    case.superuser("DROP EVENT TRIGGER guard; DROP FUNCTION public.guard()")
    case.finish_success(run)
