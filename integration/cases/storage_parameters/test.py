SHADOW = """SELECT c.reloptions @> '{autovacuum_enabled=false}' AND t.reloptions @> '{autovacuum_enabled=false}'
                   AND NOT (c.reloptions || t.reloptions)::text LIKE '%freeze%' AND c.reloptions @> '{fillfactor=70}'
              FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relname = 't' AND n.nspname LIKE 'pgwraith\\_new%'"""
OPTIONS = "SELECT c.reloptions, t.reloptions FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.oid = 'public.t'::regclass"


def run(case):
    case.make_reference()
    case.check_plan()
    run = case.start()
    run.wait_phase("ready")
    case.check(case.superuser(SHADOW) == "t", "autovacuum is off on the shadow, nothing makes one begin by age")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run)
    expected, got = case.psql(OPTIONS, "postgres", case.expected), case.superuser(OPTIONS)
    case.check(expected == got, f"the storage parameters are {expected}, not {got}")
