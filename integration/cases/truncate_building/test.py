from servers import wait_until

ROWS = "SELECT i + 5000, i, 5 FROM generate_series(0, 9999) AS i"


def run(case):
    case.make_reference()
    load = case.workload()
    gate = case.session()
    gate.run("SELECT pg_advisory_lock(7)")
    run = case.start()
    wait_until("the index to be under way", lambda: case.superuser(
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND "
        "NOT l.granted AND a.application_name LIKE 'pgwraith build%' AND a.datname = current_database()") == "1")
    case.psql(f"BEGIN; LOCK TABLE t, twin; TRUNCATE t; TRUNCATE twin; INSERT INTO t {ROWS}; INSERT INTO twin {ROWS}; "
              "COMMIT", "app")
    gate.run("SELECT pg_advisory_unlock(7)")
    run.wait_status("the copy to start over", lambda now: "copy starts over" in run.log())
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
