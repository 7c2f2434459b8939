"""Event triggers that forbid or break a statement of the migration: `plan` and `run` refuse, and name them."""


def refuses(case, body, on, before=""):
    """An event trigger `no` with that body, on that event; nothing is left after either command."""
    case.superuser(f"""
        {before}
        CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS $${body}$$;
        CREATE EVENT TRIGGER no ON {on} EXECUTE FUNCTION public.no()""")
    for command in ("plan", "run"):
        code, output = case.pgwraith(command)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, *case.options["says"], r"event trigger no \(function public.no\)", "ALTER EVENT TRIGGER no DISABLE")
    case.check(not case.state_dir.exists(), "no state directory is left")
    case.check(case.superuser("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pgwraith%'").strip() == "0", "no schema is left")
