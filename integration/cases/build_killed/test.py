from servers import wait_until

WAITING = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND "
           "application_name LIKE 'pgwraith build%' AND query LIKE '%{} %'")


def run(case):
    case.make_reference()
    load = case.workload()
    gate = case.session()
    gate.run("SELECT pg_advisory_lock(7)")
    first = case.start()
    wait_until("the index to be under way", lambda: case.superuser(WAITING.format("INDEX")) == "1")
    first.kill()
    second = case.start()
    # The server has not noticed yet that the first one's client is gone: VACUUM waits for its index.
    wait_until("the second one to come to the build", lambda: case.superuser(WAITING.format("VACUUM")) == "1")
    case.check(case.superuser(WAITING.format("INDEX")) == "1", "the first one's session is still there")
    gate.run("SELECT pg_advisory_unlock(7)")
    case.expect_exit(second, 0)
    case.finish_success(second, [load])
