from servers import wait_until

WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 't'::regclass AND mode = 'AccessExclusiveLock')"
TOLD = {moment: f"echo {moment} >> told" for moment in ("called_off", "after_cutover")}


def run(case):
    case.make_reference()
    later = case.later_hours()
    told = lambda: (case.dir / "told").read_text().split() if (case.dir / "told").exists() else []

    # The hook takes longer than the window.
    asks = "echo before_cutover >> told; while test -e may-not; do sleep 0.05; done"
    (case.dir / "may-not").touch()
    case.write_config(hooks={**TOLD, "before_cutover": asks}, cutover={"lock_timeout": "100ms", "max_blocked": "50s"})
    run = case.start()

    def waits():
        return run.wait_status("the swap to wait for its window",
                               lambda now: now["phase"] == "ready" and f"{later} is in " in now["activity"])

    run.wait_until("the hook to be asked", lambda: told() == ["before_cutover"])
    case.succeeds("set", f"cutover.window={later}")
    (case.dir / "may-not").unlink()
    case.check(waits()["cutover_attempts"] == 1, "one attempt")
    case.says(run.log(), "cutover attempt 1 was called off: cutover.window: it is ")
    run.wait_until("that to be told", lambda: told() == ["before_cutover", "called_off"])

    # Called off for a lock, and no other attempt outside of the window.
    holder = case.session("app")
    holder.run("BEGIN")
    holder.run("SELECT count(*) FROM t")
    case.succeeds("set", "cutover.window=")
    run.wait_status("the next attempt", lambda now: now["cutover_attempts"] > 1)
    case.succeeds("set", f"cutover.window={later}")
    attempts = waits()["cutover_attempts"]
    holder.run("COMMIT")
    status = waits()
    case.check(status["cutover_attempts"] == attempts, f"attempts outside of the window: {status['cutover_attempts']} > {attempts}")

    # One that waits for the table gets it.
    case.succeeds("set", "cutover.lock_timeout=40s")
    holder.run("BEGIN")
    holder.run("SELECT count(*) FROM t")
    case.succeeds("set", "cutover.window=")
    wait_until("the swap to wait for the table", lambda: case.superuser(WAITING) == "t")
    case.succeeds("set", f"cutover.window={later}")
    holder.run("COMMIT")
    case.expect_exit(run, 0)
    case.check(told()[-1] == "after_cutover", f"told: {told()}")
    case.finish_success(run, [])
    first_step(case, later)


def first_step(case, later):
    """Without a shadow: the hook says no, and before it is asked again the window has closed."""
    asks = "echo before_cutover >> told; while test -e may-not; do sleep 0.05; done; test -e may"
    (case.dir / "may-not").touch()
    (case.dir / "told").unlink()
    state = case.dir / "direct"
    case.write_config(sql="ALTER TABLE t ADD COLUMN d int", strategy="direct", state_dir=str(state), hooks={"before_cutover": asks})
    run = case.start(state_dir=state)
    told = case.dir / "told"
    run.wait_until("the hook to be asked", told.exists)
    case.succeeds("set", f"cutover.window={later}")
    (case.dir / "may").touch()
    (case.dir / "may-not").unlink()
    run.wait_status("the step to wait", lambda now: now["phase"] == "ready" and f"{later} is in " in now["activity"])
    case.check("called off: cutover.window: it is " in run.log(), "it was called off")
    case.check(case.psql("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'd'") == "0", "nothing is done")
    case.succeeds("set", "cutover.window=")
    case.expect_exit(run, 0)
    case.check(told.read_text().split() == ["before_cutover"] * 2, "asked again")
