def run(case):
    case.make_reference()
    case.psql("BEGIN; INSERT INTO t VALUES (900001, 900001, 1); INSERT INTO twin VALUES (900001, 900001, 1); "
              "PREPARE TRANSACTION 'long ago'", "app")
    load = case.workload()
    run = case.start()
    status = run.wait_status("what the slot waits for", lambda now: now["waits"] == "others")
    case.says(status["headline"], "waits for transactions that were running.*prepared transaction long ago.*phase prepare")
    run.wait_until("the log to name it", lambda: "prepared transaction long ago" in run.log())
    case.psql("COMMIT PREPARED 'long ago'", "app")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
