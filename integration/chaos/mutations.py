"""Each invariant of docs/architecture.md, left out of the program on purpose: the test that must fail then, and pass otherwise."""

import pathlib
import re
import signal

from borrowed import identity
from chaos import send
from server_trouble import answers
from servers import HarnessError, wait_until

CASES = pathlib.Path(__file__).resolve().parents[1] / "cases"
# The verifier would fix what the mutation breaks: it is the second line of defence, and stays out of this.
BARE = {"verify": "off"}


# -- the tests: each is right about a sound program, and looks for what one invariant alone prevents

def _move_rows(case):
    """Rows copied already take the room that others, not copied yet, had: they are copied twice."""
    case.psql("BEGIN; UPDATE t SET a = a + 1; UPDATE twin SET a = a + 1; COMMIT", "app")
    case.psql("VACUUM t")
    case.psql("BEGIN; UPDATE t SET a = a + 1; UPDATE twin SET a = a + 1; COMMIT", "app")


def lagging_stream(case):
    """5: the copy ends while the stream is far behind; rows moved meanwhile were copied twice."""
    case.hold_copy(8)
    run = case.start(case.write_config())
    case.wait_held(run)
    walsender = case.walsender_pid()
    send(walsender, signal.SIGSTOP)
    try:
        _move_rows(case)
        case.release_copy()
        run.wait_status("the copy's end", lambda now: now["phase"] != "copy", 60)
        try:
            run.wait_status("a build without the stream", lambda now: now["phase"] not in ("copy", "build"), case.time_to_go_wrong())
        except HarnessError:
            pass
    finally:
        send(walsender, signal.SIGCONT)
    case.expect_exit(run, 0)
    case.judge()


def moved_rows(case):
    """5: rows that moved while they were copied are in the shadow twice, until the purge."""
    case.hold_copy(8)
    run = case.start(case.write_config())
    case.wait_held(run)
    _move_rows(case)
    case.release_copy()
    case.expect_exit(run, 0)
    case.judge()


LAST_CHANGE = [f"{change} WHERE id = {id}" for table in ("t", "twin")
               for change, id in ((f"UPDATE {table} SET a = 4711", 7), (f"DELETE FROM {table}", 8))]


def ready_for_a_late_change(case, max_blocked):
    run = case.start(case.write_config(cutover={"mode": "manual", "lock_timeout": "1s", "max_blocked": max_blocked}))
    run.wait_phase("ready")
    return run


def late_commit(case):
    """6: the last changes before the lock are in the new table."""
    run = ready_for_a_late_change(case, "2s")
    watcher = case.session("postgres")
    walsender = case.commit_before_the_lock(LAST_CHANGE, watcher)
    try:
        # The swap, or an attempt that is called off: nothing else can follow without the stream.
        wait_until("the attempt to end", lambda: not case.lock_held(watcher), 20, 0.01)
    finally:
        send(walsender, signal.SIGCONT)
    case.expect_exit(run, 0)
    case.judge()


def died_with_changes_in_flight(case):
    """2: what was received and not recorded when the process died must be sent again."""
    load = case.clients(rate=400)
    # It cannot end before it has acknowledged that often.
    case.write_config(cutover={"mode": "manual"})
    case.must_crash("capture.feedback:6")
    case.write_config()
    case.run_to_end()
    case.judge(load)


def hot_rows(case):
    """3: a key that changes again while it is applied must stay in the ledger."""
    run = case.start(case.write_config(cutover={"mode": "manual"}))
    received = run.wait_phase("ready")["changes_received"]
    lock = case.session("postgres")
    lock.run("BEGIN")
    lock.run(f"LOCK TABLE {case.shadow()} IN SHARE MODE")
    change = "BEGIN; UPDATE t SET a = NUMBER WHERE id = 7; UPDATE twin SET a = NUMBER WHERE id = 7; COMMIT"
    case.psql(change.replace("NUMBER", "100"), "app")
    wait_until("the applier to be held in the middle of a batch", lambda: case.superuser(
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted "
        "AND a.datname = current_database() AND a.application_name LIKE 'pgwraith apply%'") != "0")
    case.psql(change.replace("NUMBER", "200"), "app")
    run.wait_status("the second change", lambda now: now["changes_received"] >= received + 2)
    # It is counted when it is received; a watermark later it is in the ledger too.
    case.psql(change.replace("id = 7", "id = 6").replace("NUMBER", "300"), "app")
    run.wait_status("a change after it in the ledger", lambda now: now["pending_changes"] >= 2)
    lock.run("COMMIT")
    wait_until("the batch to be applied", lambda: case.superuser(f"SELECT a FROM {case.shadow()} WHERE id = 6") == "300")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.judge()


def died_after_commit(case):
    """4: the chunk's COMMIT happened, its record in the journal did not."""
    case.must_crash("chunk.after_commit:3")
    case.run_to_end()
    case.judge()


def crashed_server_reuses_ids(case):
    """4: after a crash of the server others get the transaction ids of which nothing had reached its disk."""
    walwriter = int(case.superuser("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"))
    # It would write the dead session's WAL by chance; killed, it takes the whole server along.
    send(walwriter, signal.SIGSTOP)
    case.must_crash("chunk.before_commit:3")
    send(walwriter, signal.SIGKILL)
    wait_until("that process to end", lambda: not send(walwriter, 0))
    answers(case)
    for _ in range(12):
        case.psql("BEGIN; UPDATE t SET n = n + 1 WHERE id = 7; UPDATE twin SET n = n + 1 WHERE id = 7; COMMIT", "app")
    case.run_to_end()
    case.judge()


def altered_live_table(case):
    """6: a column that came while the table was migrated must not be lost by the swap."""
    run = case.start(case.write_config(cutover={"mode": "manual"}))
    run.wait_phase("ready")
    case.psql("ALTER TABLE t ADD COLUMN meanwhile int DEFAULT 5")
    case.pgwraith("cutover")
    code = run.wait(60)
    case.check(case.superuser("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'meanwhile'") == "1",
               f"the table has the column that was added meanwhile (exit {code})")
    case.check(code == 4, f"exit 4, not {code}")


def rows_gone(case):
    """3: rows that leave the live table leave the new one, whatever else their transactions did to them."""
    run = ready_for_a_late_change(case, "2s")
    for changes in (["DELETE FROM {} WHERE id = 1"],
                    ["UPDATE {} SET a = a + 1 WHERE id = 2", "DELETE FROM {} WHERE id = 2"],
                    # (With its code it would conflict, and all rows of the batch be replaced.)
                    ["UPDATE {} SET id = -id, code = NULL WHERE id = 3"],
                    ["DELETE FROM {} WHERE id = 4", "INSERT INTO {} (id, a) VALUES (4, 4)"]):
        case.psql(";".join(["BEGIN", *(change.format(table) for change in changes for table in ("t", "twin")), "COMMIT"]), "app")
    run.wait_status("the changes", lambda now: now["changes_applied"] >= 5)
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.judge()


def identified_when_published(case):
    """7: from the publication on the server must know by which index rows are identified."""
    case.must_crash("prepare.publication")
    case.psql("UPDATE t SET a = a WHERE id = 1", "app")


def identity_comes_back(case):
    """7: after the swap both tables have the replica identity that the live one had."""
    case.run_to_end()
    for table in ("public.t", case.old_schemas()[0] + ".t"):
        case.check(identity(case, table) == "d", f"{table} has its own replica identity")


def as_case(case):
    case.execute()


NOWAL = {"wal_writer_delay": "10s", "wal_writer_flush_after": "1GB", "bgwriter_lru_maxpages": "0", "autovacuum": "off"}

# What PGWRAITH_BREAK leaves out: the invariant of docs/architecture.md, the test, the options of its case, and what the
# test must say then: it may fail for no other reason.
MUTATIONS = {
    "slot_snapshot": (1, as_case, {"folder": CASES / "slot_table_appears"}, "could not map filenode"),
    "slot_moved": (1, as_case, {"folder": CASES / "slot_table_appears"}, "could not map filenode"),
    "slot_visible": (1, as_case, {"folder": CASES / "sync_standby_slot_moved"}, "differs from its twin; lost"),
    "early_ack": (2, died_with_changes_in_flight, {"settings": BARE}, "was advanced to .* by somebody else"),
    "visibility": (3, as_case, {"folder": CASES / "sync_standby_catch_up"}, "the invisible keys are still in the ledger"),
    "remove_early": (3, hot_rows, {"settings": BARE}, "differs from its twin"),
    "gone_unasked": (3, rows_gone, {"settings": BARE}, "differs from its twin"),
    "chunk_journal": (4, died_after_commit, {"settings": BARE}, "duplicate"),
    "xid_durable": (4, crashed_server_reuses_ids, {"settings": {**BARE, "copy": {"workers": 1}}, "own_server": NOWAL}, "differs from its twin; lost"),
    "purge": (5, moved_rows, {"settings": BARE}, "duplicate"),
    "purge_watermark": (5, lagging_stream, {"settings": BARE}, "duplicate"),
    "drain": (6, late_commit, {"settings": BARE}, "differs from its twin"),
    "definition": (6, altered_live_table, {"settings": BARE}, "the table has the column that was added meanwhile"),
    "publication_leaves": (7, as_case, {"folder": CASES / "publication_dropped_unnoticed", "own_server": {"autovacuum": "off"}}, "cache lookup failed for publication"),
    "identity_late": (7, identified_when_published, {"folder": CASES / "key_index"}, "does not have a replica identity"),
    "identity_kept": (7, identity_comes_back, {"folder": CASES / "key_index"}, "has its own replica identity"),
    "rehearsal_rolled_back": (13, as_case, {"folder": CASES / "rehearse_shadow"}, "the database was changed"),
}


def _must_fail(name, test, sign):
    def mutated(case):
        try:
            test(case)
        except HarnessError as error:
            found = re.search(f".*{sign}.*", str(error))
            if not found:
                raise
            case.notes.append(f"fails: {found.group().strip()[:200]}")
            return
        raise HarnessError(f"the test passes although {name} was left out")
    return mutated


def tests(quick):
    del quick
    result = []
    for name, (invariant, test, options, sign) in MUTATIONS.items():
        # run-cases runs the sound program on those cases.
        if test is not as_case:
            result.append((f"invariant {invariant} ({name})", test, options))
        result.append((f"mutation {invariant} {name}", _must_fail(name, test, sign), {**options, "env": {"PGWRAITH_BREAK": name}}))
    return result
