from invisible import TRANSACTIONS, hang_commits, release
from servers import HarnessError


def run(case):
    case.make_reference()
    sessions = hang_commits(case, TRANSACTIONS)
    run = case.start()
    # Either the program (or the server for it) waits for them, or it copies what it must not trust: give it
    # the time to show which.
    try:
        run.wait_status("the copy's end", lambda now: now["phase"] not in ("prepare", "copy"), 3)
        case.notes.append("did not wait for the commits")
    except HarnessError:
        case.check(not run.exited(), "it still runs")
        case.notes.append("waited for the commits")
    release(case, sessions)
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
