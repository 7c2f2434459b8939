def run(case):
    case.make_reference()
    run = case.start()
    case.do_during(run)  # the copy ends meanwhile, and swaps that the transaction keeps away would pause ever longer
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run)
