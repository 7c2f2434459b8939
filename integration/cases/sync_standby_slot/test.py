from invisible import TRANSACTIONS, give_time_to_copy, hang_commits, release


def run(case):
    case.make_reference()
    sessions = hang_commits(case, TRANSACTIONS)
    run = case.start()
    give_time_to_copy(case, run)
    release(case, sessions)
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
