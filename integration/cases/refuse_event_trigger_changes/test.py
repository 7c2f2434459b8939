def run(case):
    case.superuser("""
        CREATE FUNCTION public.add_column() RETURNS event_trigger LANGUAGE plpgsql AS $$
        DECLARE r record;
        BEGIN
          FOR r IN SELECT object_identity AS it FROM pg_event_trigger_ddl_commands() WHERE object_type = 'table' LOOP
            EXECUTE format('ALTER TABLE %s ADD COLUMN added_at timestamptz', r.it);
          END LOOP;
        END$$;
        CREATE EVENT TRIGGER add_column ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.add_column()""")
    for command in ("plan", "run"):
        code, output = case.pgwraith(command)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, *case.options["says"])
    case.check(not case.state_dir.exists(), "no state directory is left")
    case.check(case.superuser("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pgwraith%'").strip() == "0", "no schema is left")
