"""An abort in every phase, of a dead process or a living one, while the application holds the table."""

import signal

from crash_matrix import TABLE_WITH_KEYS, only_abort_goes_on
from servers import wait_until

# Where the process dies, and what the abort finds then.
ALL = ("replication slot", "publication", "shadow table", "schema")
POINTS = {
    "begin.identity": (),
    "prepare.before_shadow": (),
    "prepare.shadow": ALL[2:],
    "prepare.publication": ALL[1:],
    "prepare.slot": ALL,
    "prepare.copy_start": ALL,
    "chunk.done:4": ALL,
    "build.index:2": ALL,
    "phase.verify": ALL,
    "phase.ready": ALL,
    "cutover.before_commit": ALL,
}
WITHIN = 10


def _gone(case, blocker):
    case.check_clean()
    case.check(not case.old_schemas(), "nothing was swapped")
    code, output = case.pgwraith("abort", timeout=WITHIN)
    case.check(code == 0, f"a second abort exits 0, not {code}: {output}")
    case.says(output, "nothing to do")
    case.check("removed" not in output, f"it found nothing: {output}")
    blocker.run("COMMIT")
    case.judge_abort()


def dead(point, found):
    def test(case):
        case.must_crash(point)
        before = case.psql("SELECT 't'::regclass::oid, pg_relation_filenode('t')")
        blocker = case.session()
        blocker.run("BEGIN")
        blocker.run("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        code, output = case.pgwraith("abort", timeout=WITHIN)
        case.check(code == 0, f"abort exits 0, not {code}: {output}")
        announced, _, removed = output.partition("removed:")
        for what in ALL:
            said = [f"\n  {what} " in part for part in (announced, removed)]
            case.check(said == [what in found] * 2, f"{what}: found and removed, or not: {found}\n{output}")
        case.says(output, r"found, and dropping now", r"  state directory .*state\n", r"public\.t is as it was")
        _gone(case, blocker)
        case.check(case.psql("SELECT 't'::regclass::oid, pg_relation_filenode('t')") == before, "it is the table that it was")
    return test


def killed_in_its_own(case):
    """The process that aborts itself dies before anything is dropped: it does not carry on as if nobody had aborted it."""
    run = case.start(case.write_config(cutover={"mode": "manual"}), env={"PGWRAITH_CRASH_AT": "drop.slot"})
    run.wait_phase("ready")
    run.post("/abort")  # (The command would go on by itself when the process is gone.)
    case.expect_exit(run, -signal.SIGKILL)
    only_abort_goes_on(case)
    case.judge_abort()


def _in_slow_statement(case, phase):
    """A run whose session in that phase is at a statement of more than a minute."""
    case.slow_in(phase, 0.02)
    run = case.start()
    run.wait_phase(phase)
    case.wait_slow(phase)
    return run


def alive(phase, command):
    def test(case):
        run = _in_slow_statement(case, phase)
        # Beside a comparison, which reads the live table, it has to wait; what comes after the abort waits for it.
        blocker = case.session()
        blocker.run("BEGIN")
        blocker.send("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        wait_until("the lock to be asked for", lambda: case.superuser(
            "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock'") == "1")
        if command:
            code, output = case.pgwraith("abort", timeout=WITHIN)
            case.check(code == 0, f"abort exits 0, not {code}: {output}")
            case.says(output, "aborting", "the process has ended", "nothing of the migration is left")
        else:
            code, answer = run.post("/abort")
            case.check(code == 202, f"/abort answers 202, not {code}: {answer}")
        case.expect_exit(run, 5, WITHIN)
        case.says(run.log(), *(f"dropping {what} " for what in ALL), "aborted: everything .* is gone", "as it was")
        case.check(blocker.answer(WITHIN) == "", "the application has its lock")
        _gone(case, blocker)
    return test


def dead_but_building(case):
    """The server has not noticed that the client of the index build is gone."""
    _in_slow_statement(case, "build").kill()
    code, output = case.pgwraith("abort", timeout=2 * WITHIN)
    case.check(code == 0, f"abort exits 0, not {code}: {output}")
    case.judge_abort()


def server_away(case):
    """Nothing is dropped, and nothing forgotten."""
    case.must_crash("chunk.done:4")
    case.server.stop("fast")
    code, output = case.pgwraith("abort", timeout=WITHIN)
    case.check(code == 4, f"abort exits 4, not {code}: {output}")
    case.says(output, "could not connect", "connection")
    case.check((case.state_dir / "store").is_dir(), "the store is kept")
    case.server._run()
    case.check(case.shadow(), "the shadow is there")
    code, output = case.pgwraith("abort", timeout=WITHIN)
    case.check(code == 0, f"abort exits 0, not {code}: {output}")
    case.judge_abort()


def elsewhere(case, what, **settings):
    case.must_crash("chunk.done:4")
    code, output = case.pgwraith("abort", config=case.write_config("other.yaml", **settings))
    case.check(code == 4, f"abort exits 4, not {code}: {output}")
    case.says(output, f"the state directory .* belongs to a migration {what}", "Nothing was dropped")
    case.check((case.state_dir / "store").is_dir() and case.shadow(), "all of it is kept")


def other_table(case):
    """The file names another table than the state directory's migration."""
    elsewhere(case, 'of "public"."t"', table="public.twin")
    case.run_to_end()
    case.judge()


def other_database(case):
    beside = case.database + "_beside"
    case.server.psql(f'CREATE DATABASE "{beside}" OWNER migrator')
    case.server.psql(case.text("schema.sql"), beside, "migrator")
    elsewhere(case, "on another server or database", connection=case.server.uri(beside, "migrator"))
    case.server.psql(f'DROP DATABASE "{beside}"')
    case.judge_abort()


def swapped(case):
    """The process died right after the swap: nothing can be undone, and what it had still to do is said."""
    case.must_crash("cutover.after_commit")
    code, output = case.pgwraith("abort")
    case.check(code == 0, f"abort exits 0, not {code}: {output}")
    case.says(output, r"public\.t has its new shape, and keeps it", "run those that have not been yet")
    case.check("as it was" not in output, f"it is not as it was: {output}")
    case.check_clean()
    _, _, left = output.partition("have not been yet:\n")
    case.check("VALIDATE CONSTRAINT" in left and "REFRESH MATERIALIZED VIEW" in left, f"all that is left: {left}")
    case.superuser(left)
    case.check_queries()
    code, output = case.pgwraith("abort")
    case.says(output, "nothing to do")


def shadow_held(case):
    """Somebody looks at the shadow: the abort ends with 4, and one that comes later does the rest."""
    case.must_crash("phase.verify")
    reader = case.session("postgres")
    reader.run("BEGIN")
    reader.run(f"LOCK TABLE {case.shadow()} IN ACCESS SHARE MODE")
    code, output = case.pgwraith("abort", timeout=WITHIN)
    case.check(code == 4, f"abort exits 4, not {code}: {output}")
    case.says(output, "somebody holds a lock on the shadow table", "Try again", "run the same command again")
    case.check("as it was" not in output and "removed" not in output, f"it does not say that it is done: {output}")
    case.check((case.state_dir / "store").is_dir(), "the store is kept")
    reader.run("COMMIT")
    case.judge_abort()


def tests(quick):
    del quick
    result = [(f"abort after {point}", dead(point, found), {}) for point, found in POINTS.items()]
    for phase in ("build", "verify"):
        result += [(f"abort by command in {phase}", alive(phase, True), {}),
                   (f"abort by POST in {phase}", alive(phase, False), {})]
    return result + [("abort beside a build of the dead", dead_but_building, {}),
                     ("abort of a process that dies of it", killed_in_its_own, {}),
                     ("abort with another table", other_table, {}),
                     ("abort with another database", other_database, {}),
                     ("abort after the swap", swapped, {"folder": TABLE_WITH_KEYS}),
                     ("abort while the shadow is held", shadow_held, {}),
                     ("abort without a server", server_away, {"own_server": {}})]
