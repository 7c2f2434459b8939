from servers import wait_until

ROWS = "SELECT i + 5000, i, 5 FROM generate_series(0, 9999) AS i"
PREPARE = ("BEGIN; LOCK TABLE t, twin; TRUNCATE t; TRUNCATE twin; "
           f"INSERT INTO t {ROWS}; INSERT INTO twin {ROWS}; PREPARE TRANSACTION 'truncate_prepared'")
WAITING = ("SELECT count(*) > 0 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND "
           "l.relation = 't'::regclass AND a.datname = current_database() AND a.application_name LIKE 'pgwraith%'")


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("ready")
    case.psql(PREPARE, "app")
    case.psql("ROLLBACK PREPARED 'truncate_prepared'", "app")
    case.psql(PREPARE, "app")
    case.pgwraith("cutover")
    wait_until("the migration to wait for the prepared transaction", lambda: case.superuser(WAITING) == "t")
    case.check("starts over" not in run.log(), "what is not committed has not happened")
    case.psql("COMMIT PREPARED 'truncate_prepared'", "app")
    run.wait_status("the copy to start over", lambda now: "copy starts over" in run.log())
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
