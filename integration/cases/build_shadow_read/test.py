from servers import wait_until


def run(case):
    case.make_reference()
    vacuum, dump = case.session("migrator"), case.session("postgres")
    vacuum.run("BEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE")
    run = case.start()
    wait_until("the publication to be tried again", lambda: "public.t is held by pid" in run.log(), 30)
    vacuum.run("COMMIT")
    case.wait_held(run)
    shadow = case.superuser("SELECT c.oid::regclass FROM pg_class c WHERE c.relname = 't' AND c.relnamespace::regnamespace::text "
                            "LIKE 'pgwraith\\_new%'")
    dump.run(f"BEGIN; LOCK TABLE {shadow} IN ACCESS SHARE MODE")
    case.release_copy()
    wait_until("the build to wait", lambda: "constraints of the new table wait" in run.log(), 40)
    case.says(run.log(), f"{shadow} is held by pid \\d+ .postgres")
    dump.run("COMMIT")
    case.expect_exit(run, 0)
    case.finish_success(run)
