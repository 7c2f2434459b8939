"""SIGTERM in one phase, then the same command again: shared by the cases sigterm_*."""

import re

from servers import wait_until


def _reach(case, run, phase):
    """Brings the run into the phase, and returns what lets it go on later."""
    if phase == "prepare":
        run.wait_phase("prepare")
        waiting = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                   "AND backend_type IN ('walsender', 'client backend') "
                   "AND wait_event_type = 'Lock' AND query ILIKE '%CREATE_REPLICATION_SLOT%'")
        wait_until("the slot's creation to wait", lambda: case.superuser(waiting) != "0")
    elif phase == "catch_up":
        case.wait_held(run)
        # Every key is in the ledger then: catch-up has work for a while.
        case.psql("UPDATE t SET n = n + 1; UPDATE twin SET n = n + 1", "app")
        case.release_copy()
        run.wait_phase("catch_up")
        run.wait_status("applied changes", lambda now: now["changes_applied"] > 0)
    elif phase == "copy":
        run.wait_status("a part of the copy", lambda now: now["phase"] == "copy" and now["rows_copied"] >= 4000)
    elif phase == "cutover":
        run.wait_status("an attempt", lambda now: now["cutover_attempts"] >= 1)
    else:
        run.wait_phase(phase)


def number(run, pattern):
    return int(re.search(pattern, run.log()).group(1).replace(",", ""))


def stop_and_resume(case, phase):
    case.make_reference()
    blocker = None
    if phase in ("prepare", "cutover"):
        blocker = case.session()
        blocker.run("BEGIN")
        blocker.run("SELECT pg_current_xact_id()" if phase == "prepare" else "SELECT count(*) FROM t")
    # An update of all rows would meet the clients' row locks in another order: no clients before the stop there.
    load = case.workload() if phase != "catch_up" else None
    first = case.start()
    _reach(case, first, phase)
    took = first.stop(within=5.0)
    if phase == "copy":
        case.release_copy()
        case.write_config(throttle={"idle_ratio": 0}, copy={"workers": 2, "chunk_max_bytes": "64KiB"})
    if phase in ("build", "catch_up", "verify"):
        case.superuser("SELECT setval('slowness', 2)")  # of superuser.sql
    copied = first.seen[-1]["rows_copied"] if first.seen else 0
    case.notes.append(f"stopped in {took:.2f} s")
    locks = "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock'"
    wait_until("no lock to remain on the table", lambda: case.superuser(locks) == "0", 1.0)
    if load:
        load.wait_progress()
    if blocker:
        blocker.run("COMMIT")
    load = load or case.workload()
    second = case.start()
    if phase == "ready":
        second.wait_phase("ready")
        code, output = case.pgwraith("cutover")
        case.check(code == 0, f"cutover exits 0, not {code}: {output}")
    case.expect_exit(second, 0)
    if phase == "ready":
        total = number(second, r"rows +([\d,]+) copied")
        case.check(total >= copied > 0, f"what the first process copied is said in the end: {copied}, {total}")
    if phase == "copy":
        # What stands is counted at once, and the end is one table's worth of rows, not more.
        earlier, blocks = number(second, r"([\d,]+) of [\d,]+ blocks were copied earlier"), number(second, r"[\d,]+ of ([\d,]+) blocks were")
        case.check(earlier / blocks >= copied / 20000 * 0.8, f"rows copied before the stop count: {copied}, {earlier} of {blocks} blocks")
        total = number(second, r"rows +([\d,]+) copied")
        case.check(total <= 20000 * 1.5, f"no chunk is copied twice: {total}")
    case.finish_success(second, [load])
