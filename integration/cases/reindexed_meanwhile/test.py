from servers import wait_until

TWINS = "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 't'::regclass AND NOT i.indisvalid"


def run(case):
    case.make_reference()
    run = case.start()
    case.wait_held(run)
    # An old snapshot keeps the REINDEX waiting, its twins beside the old indexes.
    reader = case.session()
    reader.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    reader.run("SELECT 1")
    cron = case.session("migrator")
    cron.send("REINDEX TABLE CONCURRENTLY t")
    wait_until("the twins are there", lambda: int(case.superuser(TWINS)) > 0, 20)
    # The copy ends while they are: the definition is looked at.
    case.release_copy()
    run.wait_phase("ready")
    case.check(int(case.superuser(TWINS)) > 0, "the twins are still there")
    reader.run("COMMIT")
    cron.answer()
    # One that fails leaves an invalid index behind.
    reader.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    reader.run("SELECT 1")
    cron.run("SET statement_timeout = '300ms'")
    cron.send("REINDEX INDEX CONCURRENTLY t_x")
    cron.answer()
    reader.run("COMMIT")
    case.check(int(case.superuser(TWINS)) > 0, "a failed REINDEX leaves something behind")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run)
