from servers import wait_until

VACUUMED = "SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 't'::regclass"


def run(case):
    case.make_reference()
    case.psql("UPDATE t SET a = a + 1")
    wait_until("an autovacuum", lambda: case.superuser(VACUUMED) == "1", 60)
    run = case.start()
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
    case.check("called off" not in run.log(), "the first try does it")
    case.check("canceling autovacuum task" in case.server.log_text(), "the server made the autovacuum yield")
