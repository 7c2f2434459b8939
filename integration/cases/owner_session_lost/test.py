from servers import wait_until

OWNER = "FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pgwraith owner%'"
LOCKED = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid IN (SELECT pid " + OWNER + ")"


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("copy")
    first = case.superuser("SELECT pid " + OWNER)
    case.superuser("SELECT pg_terminate_backend(pid) " + OWNER)
    wait_until("another session that holds the lock", lambda: case.superuser(
        LOCKED + f" AND pid <> {first}") == "1" or run.exited())
    for setting in ("throttle.idle_ratio=0", "copy.chunk_max_bytes=1MiB"):
        code, output = case.pgwraith("set", setting)
        case.check(code == 0, output)
    case.says(run.log(), "terminating connection due to administrator command|connection")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
