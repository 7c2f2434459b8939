from servers import wait_until

READERS = "SELECT count(DISTINCT pid) FROM pg_locks WHERE relation = 't'::regclass AND granted AND mode = 'AccessShareLock'"


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    load = case.workload()
    wait_until("readers that overlap", lambda: int(case.superuser(READERS)) > 2)
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    load.wait_progress()
    case.finish_success(run, [load])
