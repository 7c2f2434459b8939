SETTINGS = {}


def run(case):
    case.superuser("""
        CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no drops here'; END$$;
        CREATE EVENT TRIGGER no ON sql_drop  EXECUTE FUNCTION public.no()""")
    config = case.write_config(**SETTINGS)
    for command in ("plan", "run"):
        code, output = case.pgwraith(command, config=config)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, *case.options["says"], r"event trigger no \(function public.no\)", "ALTER EVENT TRIGGER no DISABLE")
    case.check(not case.state_dir.exists(), "no state directory is left")
    case.check(case.superuser("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pgwraith%'").strip() == "0", "no schema is left")
