import signal

from servers import wait_until


def run(case):
    case.make_reference()
    run = case.start()
    case.wait_held(run)

    def says(text):
        wait_until(f"the log to say {text}", lambda: text in run.log())

    case.config.write_text(case.config.read_text() + "nonsense: 1\n")
    run.signal(signal.SIGHUP)
    says("nothing was changed: ")
    case.write_config(throttle={"max_lock_waiters": 7, "max_replica_lag": "2m"}, verify="off", cutover={"mode": "manual"})
    run.signal(signal.SIGHUP)
    says("throttle.max_replica_lag: 10s -> 2m")
    says("throttle.max_lock_waiters: off -> 7")
    says("cutover.mode: auto -> manual")
    says("verify cannot change while the migration runs")
    status = run.wait_status("the new limits", lambda now: len(now["signals"]) == 4)
    limits = {one["name"]: one["limit"] for one in status["signals"]}
    case.check(limits["lock_waiters"] == 7 and limits["replica_lag"] == 120000, f"they are the file's: {limits}")
    case.release_copy()
    run.wait_phase("ready")
    case.check(run.status()["rows_verified"] == 2000, "verification was not switched off")
    case.write_config()
    run.signal(signal.SIGHUP)
    case.expect_exit(run, 0)
    case.finish_success(run, [])
