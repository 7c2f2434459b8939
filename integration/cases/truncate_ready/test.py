def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("ready")
    case.psql("BEGIN; LOCK TABLE t, twin; TRUNCATE t; TRUNCATE twin; INSERT INTO t VALUES (1, 1, 'x'); "
              "INSERT INTO twin VALUES (1, 1, 'x'); COMMIT", "app")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
