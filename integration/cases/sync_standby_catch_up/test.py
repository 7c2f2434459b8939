from invisible import TRANSACTIONS, both, hang_commits, release
from servers import wait_until


def run(case):
    case.make_reference()
    run = case.start()
    before = run.wait_phase("ready")["changes_received"]
    sessions = hang_commits(case, TRANSACTIONS)
    run.wait_status("the changes in the stream", lambda now: now["changes_received"] >= before + 7)
    # An ordinary change after them, seen in the shadow: by then a tool that trusts its snapshot has applied
    # the old rows of the others too, and forgotten their keys.
    shadow = case.superuser("SELECT 'pgwraith_new_' || 't'::regclass::oid || '.t'")
    for number in (21, 22, 23):
        case.psql("BEGIN; " + "; ".join(both(f"UPDATE TABLE SET n = {number} WHERE id IN (5, 9999)")) + "; COMMIT", "app")
        wait_until("a later change to be applied", lambda: case.superuser(
            f"SELECT count(*) FROM {shadow} WHERE id IN (5, 9999) AND n = {number}") == "2")
    case.check(run.status()["pending_changes"] >= 5, f"the invisible keys are still in the ledger: {run.status()}")
    case.succeeds("cutover")
    # The waiting transactions hold their locks: an attempt must fail, and must not take the table away.
    run.wait_status("an attempt", lambda now: now["cutover_attempts"] >= 1)
    release(case, sessions)
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
    case.check(case.superuser("SELECT count(*) FROM twin WHERE n BETWEEN 11 AND 15") == "4", "the twin has the changes")
