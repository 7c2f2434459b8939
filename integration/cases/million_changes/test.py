from servers import wait_until

SECOND_WORKER = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgwraith apply 2%'"


def run(case):
    case.make_reference()
    run = case.start()
    case.do_during(run)  # the copy ends meanwhile, and swaps that the transaction keeps away would pause ever longer
    wait_until("a second worker to join", lambda: case.superuser(SECOND_WORKER) == "1", 60)  # its session stays
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.check("called off" not in run.log(), "no attempt at the swap comes before the stream has come through what was applied")
    case.finish_success(run)
