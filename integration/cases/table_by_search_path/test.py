def path(case, schemas):
    case.superuser(f'ALTER ROLE migrator IN DATABASE "{case.database}" SET search_path = {schemas}')


def types(case):
    return case.superuser("SELECT string_agg(atttypid::regtype::text, ' ' ORDER BY n.nspname) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid"
                          " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relname = 'Orders' AND attname = 'n' AND nspname IN ('app', 'other', 'public')")


def run(case):
    path(case, "nowhere, app, public")
    code, output = case.pgwraith("plan")
    case.check(code == 0, f"plan: {output}")
    case.says(output, 'the table is "app"."Orders", found by the search_path')
    case.killed_run("copy")
    path(case, "other, public")
    code, output = case.pgwraith("abort")
    case.check(code in (0, 5), f"abort finds it by the journal: {code} {output}")
    case.check_clean()
    path(case, "nowhere, app, public")
    case.killed_run("copy")
    path(case, "other, public")
    case.release_copy()
    run = case.start()
    case.expect_exit(run, 0)
    case.check(types(case) == "bigint integer integer", f"the table that was found at the start: {types(case)}")
    path(case, "nowhere")
    code, output = case.pgwraith("plan")
    case.check(code == 3, f"no such table: {code} {output}")
    case.says(output, "there is no table .*Orders.* in the search_path of the role")
