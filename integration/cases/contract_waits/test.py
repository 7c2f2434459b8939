import signal


def run(case):
    case.superuser("GRANT pg_signal_backend, pg_monitor TO migrator")
    window = case.later_hours()

    def waits(text):
        run.wait_status(f"it to wait ({text})", lambda now: now["phase"] == "ready" and text in now["activity"])

    run = case.start()
    waits("waiting for `pgwraith cutover`")
    case.succeeds("postpone")
    waits("the step was postponed")
    case.succeeds("cutover")
    case.expect_exit(run, 0)

    # In the way of the key's end.
    stuck = case.session("app")
    stuck.run("BEGIN")
    stuck.run("SELECT count(*) FROM p")
    case.write_config(cutover={"window": window})
    run = case.start(command="contract")
    waits(f"{window} is in ")
    (case.dir / "stop").touch()
    case.succeeds("set", "throttle.flag_file=stop")
    run.wait_status("the gate to be closed", lambda now: now["throttled"])
    case.succeeds("set", "cutover.window=")
    waits("the contraction waits: the file")
    case.succeeds("postpone")
    waits("the contraction was postponed")
    run.signal(signal.SIGKILL)
    run.wait()
    case.write_config()
    run = case.start(command="contract")
    waits("the contraction was postponed")
    case.check(stuck.run("SELECT 1") == "1", "nobody was ended while it only waited")
    case.succeeds("cutover")
    run.wait_status("the reader to be ended", lambda now: now["blockers_terminated"] == 1, 60)
    case.expect_exit(run, 0)
    stuck.expect_ended()
    case.says(run.log(), r'\(app, psql, .*\) after "SELECT \?" was ended; it has stood in the way of the contraction for')
    case.check_clean()
    case.superuser("REVOKE pg_signal_backend, pg_monitor FROM migrator")
