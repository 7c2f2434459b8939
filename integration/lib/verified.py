"""A comparison of all rows, and what its log says of it."""

import re

from servers import wait_until

HELD = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^pgwraith verify [0-9]' "
        "AND query ~ '^SELECT r.live' AND wait_event = 'PgSleep'")
REWRITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass AND mode = 'AccessExclusiveLock'"


def verified(run):
    """[rows of the live table, rows of the shadow, those of them that were looked at by key] of the last one"""
    return [int(figure.replace(",", "")) for figure in
            re.findall(r"verified: ([\d,]+) rows of \S+ against ([\d,]+) rows of the shadow, ([\d,]+) of them", run.log())[-1]]


def rewritten_while_compared(case, run, look=lambda: None):
    """The third comparison, held by the case's superuser.sql until the table's owner waits to rewrite it: that comes after
    the part that is held, and before the next one."""
    case.succeeds("set", "copy.workers=1")  # one part after the other
    case.superuser("SELECT setval('held', 2)")
    code, answer = run.post("/verify")
    case.check(code == 202, f"/verify answers 202, not {code}: {answer}")
    wait_until("a part to be held", lambda: case.superuser(HELD) != "0")
    look()
    owner = case.session("migrator")
    owner.send("VACUUM FULL t")
    wait_until("the rewriting to wait", lambda: case.superuser(REWRITING) == "1")
    case.superuser("SELECT setval('held', 1)")
    case.check("ERROR" not in owner.answer(), "the table is rewritten")
    owner.close()
    run.wait_status("the verification's end", lambda now: now["phase"] == "ready" and now["verifications"] == 3)


def swapped_as_it_was(case, run):
    case.check(len(re.findall("repaired and compared again", run.log())) == 1, "nothing else was repaired")
    case.succeeds("cutover")
    case.expect_exit(run, 0)
    case.check(case.psql("SELECT count(*), sum(n), bool_and(s = n) FROM t") == "40000|800020000|t", "the rows are what they were")
