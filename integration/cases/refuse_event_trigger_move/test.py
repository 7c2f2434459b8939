SETTINGS = {}


def run(case):
    case.superuser("""
        CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN IF current_query() ~* 'SET SCHEMA' THEN RAISE EXCEPTION 'tables stay in their schema'; END IF; END$$;
        CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.no()""")
    config = case.write_config(**SETTINGS)
    for command in ("plan", "run"):
        code, output = case.pgwraith(command, config=config)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, *case.options["says"], r"event trigger no \(function public.no\)", "ALTER EVENT TRIGGER no DISABLE")
    case.check(not case.state_dir.exists(), "no state directory is left")
    case.check(case.superuser("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pgwraith%'").strip() == "0", "no schema is left")
