from servers import wait_until

SLOW = ("ALTER TABLE t SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 1,"
        " autovacuum_vacuum_scale_factor = 0)")


def vacuumed(case):
    """Until an autovacuum of minutes runs on the table."""
    case.psql("UPDATE t SET n = n + 1")
    running = "SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 't'::regclass"
    wait_until("an autovacuum", lambda: case.superuser(running) == "1")


def yielded(case):
    return case.server.log_text().count("canceling autovacuum task")


def run(case):
    case.psql(SLOW)
    vacuumed(case)
    run = case.start()
    run.wait_phase("ready")
    case.check(yielded(case) >= 1, "the server made the autovacuum yield")
    case.check("cannot be set yet" not in run.log(), "the first try got the lock")
    vacuumed(case)
    before = yielded(case)
    run.post("/abort")
    case.expect_exit(run, 5)
    case.check(yielded(case) > before, "the server made that autovacuum yield too")
    case.check("cannot be given back yet" not in run.log(), "the first try got the lock")
    case.check(case.superuser("SELECT relreplident FROM pg_class WHERE oid = 't'::regclass") == "d", "given back")
