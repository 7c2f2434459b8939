from invisible import TRANSACTIONS, hang_commits, release
from servers import HarnessError
from slot_steps import consistent_slot_with_writer


def run(case):
    case.make_reference()
    run, writer = consistent_slot_with_writer(case, "SELECT 1", "SELECT 1")
    sessions = hang_commits(case, TRANSACTIONS)
    writer.run("COMMIT")
    # It waits for them, or it copies what it must not trust: give it the time to show which.
    try:
        run.wait_status("the copy's end", lambda now: now["phase"] not in ("prepare", "copy"), 3)
        case.notes.append("did not wait for the commits")
    except HarnessError:
        case.check(not run.exited(), "it still runs")
        case.notes.append("waited for the commits")
    release(case, sessions)
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
