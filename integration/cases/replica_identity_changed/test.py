import time

from servers import PATIENCE, HarnessError, wait_until

CHANGES = [("copy", "ALTER TABLE t REPLICA IDENTITY FULL", "ALTER TABLE t REPLICA IDENTITY DEFAULT", "is FULL now"),
           ("copy", "ALTER TABLE t REPLICA IDENTITY USING INDEX t_other", "ALTER TABLE t REPLICA IDENTITY DEFAULT", "the index on other now"),
           ("ready", "ALTER TABLE t REPLICA IDENTITY NOTHING", "ALTER TABLE t REPLICA IDENTITY DEFAULT", "is NOTHING now"),
           ("ready", "ALTER TABLE t DROP CONSTRAINT t_pkey", "ALTER TABLE t ADD PRIMARY KEY (id)", "there is none now")]


def writes(case):
    try:
        case.psql("UPDATE t SET a = a + 1 WHERE id = 7; DELETE FROM t WHERE id = 0", "app")
    except HarnessError as error:
        case.check("cannot update" in str(error), f"fails for the publication, not: {error}")
        return False
    return True


def stopped(case, run, says):
    case.expect_exit(run, 4)
    case.says(run.log(), says, "was made to publish nothing at once; they work again", "abort` and start anew")


def abort(case):
    case.succeeds("abort")
    case.check_clean()


def run(case):
    for phase, change, undo, says in CHANGES:
        config = case.write_config(cutover={"mode": "manual"})
        run = case.start(config)
        if phase == "copy":
            case.wait_held(run)
        else:
            case.release_copy()
            run.wait_phase(phase)
        begin = time.monotonic()
        case.psql(change)
        wait_until("writes work", lambda: writes(case), 5)
        took = time.monotonic() - begin
        case.check(took < 1.5 * PATIENCE, f"writes failed for {took:.1f} s")
        case.notes.append(f"{took:.1f} s")
        stopped(case, run, says)
        case.psql(undo)
        # Undone or not, nothing of the stream can be trusted any more.
        again = case.start(config)
        stopped(case, again, says)
        abort(case)
    # While nobody runs.
    config = case.write_config(cutover={"mode": "manual"})
    run = case.start(config)
    run.wait_phase("ready")
    run.stop()
    case.psql("ALTER TABLE t REPLICA IDENTITY FULL")
    case.check(not writes(case), "our publication is in the way")
    stopped(case, case.start(config), "is FULL now")
    case.check(writes(case), "writes work")
    abort(case)
    case.psql("ALTER TABLE t REPLICA IDENTITY DEFAULT")
    # Somebody takes the publication away.
    run = case.start(config)
    run.wait_phase("ready")
    case.superuser("DROP PUBLICATION " + case.superuser("SELECT pubname FROM pg_publication WHERE pubname LIKE 'pgwraith%'"))
    case.expect_exit(run, 4)
    case.says(run.log(), "the publication pgwraith_\\d+ of \"public\".\"t\" is gone")
    abort(case)
