from event_triggers import refuses


def forbid(case, tag, text):
    condition = "true" if text is None else f"current_query() ~* '{text}'"
    refuses(case, f"BEGIN IF {condition} THEN RAISE EXCEPTION 'not this way'; END IF; END",
            f"ddl_command_start WHEN TAG IN ('{tag}')")
    case.superuser("DROP EVENT TRIGGER no; DROP FUNCTION public.no()")


def run(case):
    before = case.server.dump_schema(case.database)
    for tag in ("ALTER ROUTINE", "ALTER POLICY", "ALTER VIEW", "CREATE TRIGGER"):
        forbid(case, tag, None)
    forbid(case, "ALTER TABLE", 'ALTER TABLE "public"."other" DROP CONSTRAINT "other_t_id_fkey"')
    forbid(case, "CREATE VIEW", 'OWNED BY "public"."t".*VIEW "public"."seen"')
    case.check_nothing_happened(before)
