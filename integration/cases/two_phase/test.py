def run(case):
    case.make_reference()
    # Prepared before the run would keep the slot from being made; this one comes during the copy.
    load = case.workload()
    run = case.start()
    case.wait_held(run)
    case.psql("BEGIN; INSERT INTO t VALUES (900001, 1, 'held'); INSERT INTO twin VALUES (900001, 1, 'held'); "
              "PREPARE TRANSACTION 'forgotten one'", "app")
    case.release_copy()
    run.wait_status("two attempts, and who holds the table by name", lambda now: now["cutover_attempts"] >= 2 and
                    "prepared transaction forgotten one (of app, since" in run.log(), 40)
    case.psql("COMMIT PREPARED 'forgotten one'", "app")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
