def run(case):
    case.make_reference()
    case.psql("BEGIN; INSERT INTO t VALUES (900001, 900001, 1); INSERT INTO twin VALUES (900001, 900001, 1); "
              "PREPARE TRANSACTION 'long ago'", "app")
    load = case.workload()
    run = case.start()
    run.wait_status("the log to name what the slot waits for", lambda now: "prepared transaction long ago" in run.log())
    case.psql("COMMIT PREPARED 'long ago'", "app")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
