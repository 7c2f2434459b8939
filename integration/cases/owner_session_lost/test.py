from servers import wait_until

OWNER = "FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pgwraith owner%'"
LOCKED = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid IN (SELECT pid " + OWNER + ")"


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    case.wait_held(run)
    first = case.superuser("SELECT pid " + OWNER)
    case.superuser("SELECT pg_terminate_backend(pid) " + OWNER)
    wait_until("another session that holds the lock", lambda: case.superuser(
        LOCKED + f" AND pid <> {first}") == "1" or run.exited())
    case.release_copy()
    case.says(run.log(), "terminating connection due to administrator command|connection")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
