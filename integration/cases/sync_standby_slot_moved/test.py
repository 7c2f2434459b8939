from invisible import TRANSACTIONS, give_time_to_copy, hang_commits, release
from slot_steps import consistent_slot_with_writer


def run(case):
    case.make_reference()
    run, writer = consistent_slot_with_writer(case, "SELECT 1", "SELECT 1")
    sessions = hang_commits(case, TRANSACTIONS)
    writer.run("COMMIT")
    give_time_to_copy(case, run)
    release(case, sessions)
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
