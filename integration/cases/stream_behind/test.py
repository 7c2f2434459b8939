import os
import signal

from servers import wait_until

INDEX_WAITS = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND "
               "application_name LIKE 'pgwraith build%' AND query LIKE '%INDEX%'")
BEHIND = "the server writes WAL faster than its changes are received"


def run(case):
    case.psql("CREATE TABLE others (x text)")
    case.make_reference()
    gate = case.session()
    gate.run("SELECT pg_advisory_lock(7)")
    run = case.start()
    wait_until("the index to be under way", lambda: case.superuser(INDEX_WAITS) == "1")
    walsender = int(case.superuser("SELECT pid FROM pg_stat_replication"))
    os.kill(walsender, signal.SIGSTOP)
    try:
        gate.run("SELECT pg_advisory_unlock(7)")
        run.wait_phase("catch_up")
        case.psql("INSERT INTO others SELECT repeat('x', 1000) FROM generate_series(1, 40000)")
        run.wait_status("the stream to be behind", lambda status: status["health"] == "trouble" and BEHIND in status["headline"])
    finally:
        os.kill(walsender, signal.SIGCONT)
    case.expect_exit(run, 0)
    case.check(run.log().count(BEHIND) == 1, "the log says so, too")
    case.finish_success(run, same_data=False)
