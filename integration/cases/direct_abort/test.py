import signal


def dead(case, point):
    run = case.start(env={"PGWRAITH_CRASH_AT": point})
    if run.wait(30) != -signal.SIGKILL:
        return False
    code, output = case.pgwraith("abort")
    case.check(code == 0, f"{point}: abort exits 0, not {code}: {output}")
    case.says(output, "as it was")
    return True


def dies_halfway(case, config, command, undo):
    """The process dies before the index, then the abort does; nothing but another abort goes on."""
    run = case.start(config, env={"PGWRAITH_CRASH_AT": "step.begun"}, command=command)
    case.check(run.wait(30) == -signal.SIGKILL, f"{command} dies: {run.log()[-1000:]}")
    code, output = case.pgwraith("abort", config=config, env={"PGWRAITH_CRASH_AT": undo})
    case.check(code == -signal.SIGKILL, f"abort dies at {undo}, not {code}: {output}")
    code, output = case.pgwraith(command, config=config)
    case.check(code == 3, f"{command} refuses, not {code}: {output}")
    case.says(output, "is being taken back", "`pgwraith abort` goes on")
    code, output = case.pgwraith("status", config=config)
    case.check(code == 4, f"status exits 4, not {code}")
    case.says(output, "an abort has begun to take it back", "`pgwraith abort` goes on")
    return case.succeeds("abort", config=config)


def run(case):
    before = case.server.dump_schema(case.database)
    for point in ("step.intent", "step.committed", "step.begun", "index.built", "step.done"):
        nth = 1
        while dead(case, f"{point}:{nth}"):
            case.check_nothing_happened(before)
            case.check(not (case.state_dir / "store").exists(), "no state is left")
            nth += 1 if point == "step.done" else 3
        # It came to its end that time: back to what it was.
        case.check(nth > 1, f"{point} is passed")
        case.psql("ALTER TABLE t DROP COLUMN status, ALTER COLUMN c SET DEFAULT 'x', ALTER COLUMN a DROP NOT NULL, "
                  "DROP CONSTRAINT t_bb_key, DROP CONSTRAINT t_p_fkey; ALTER TABLE t RENAME COLUMN bb TO b; DROP INDEX later")
        (case.state_dir / "done.json").unlink()
    # Alive, while it waits for an old transaction to build an index.
    blocker = case.session()
    blocker.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    blocker.run("SELECT 1 FROM parent")
    sql = ("ALTER TABLE t ADD COLUMN d int; ALTER TABLE t RENAME c TO cc; ALTER TABLE t ALTER cc SET DEFAULT 'z'; "
           "CREATE INDEX later ON t (a)")
    run = case.start(case.write_config("alive.yaml", sql=sql))
    run.wait_status("the index", lambda now: "waiting for pid" in now["activity"])
    code, answer = run.post("/abort")
    case.check(code == 202, f"/abort answers {code}: {answer}")
    blocker.run("COMMIT")
    case.expect_exit(run, 5)
    case.says(run.log(), "the table is as it was")
    case.check_nothing_happened(before)
    index = "CREATE INDEX later ON t (a)"
    case.says(dies_halfway(case, case.write_config("rehearsed.yaml", sql=index), "rehearse", "undo.begun"), "as it was")
    case.check_nothing_happened(before)
    # What stays is said by the abort that comes to its end, whichever took the step back.
    gone = case.write_config("gone.yaml", sql="ALTER TABLE t DROP COLUMN gone; " + index)
    case.says(dies_halfway(case, gone, "run", "step.undone:2"), 'column "gone" is dropped, its values are gone')
