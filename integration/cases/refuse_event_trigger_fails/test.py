SETTINGS = {}


def run(case):
    case.superuser("""
        CREATE SCHEMA audit; CREATE TABLE audit.log (tag text);
        CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO audit.log SELECT tg_tag; END$$;
        CREATE EVENT TRIGGER no ON ddl_command_end  EXECUTE FUNCTION public.no()""")
    config = case.write_config(**SETTINGS)
    for command in ("plan", "run"):
        code, output = case.pgwraith(command, config=config)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, *case.options["says"], r"event trigger no \(function public.no\)", "ALTER EVENT TRIGGER no DISABLE")
    case.check(not case.state_dir.exists(), "no state directory is left")
    case.check(case.superuser("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pgwraith%'").strip() == "0", "no schema is left")
