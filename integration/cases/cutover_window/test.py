import datetime
import signal


def run(case):
    case.make_reference()
    later = case.superuser("SELECT to_char((now() AT TIME ZONE 'Asia/Tokyo') + interval '5 hours', 'HH24')")
    window = f"{later}:00-{later}:01 Asia/Tokyo"
    case.write_config(cutover={"window": "Sat 02:00-05:00 Mars/Olympus"})
    for command in ("plan", "run"):
        code, output = case.pgwraith(command)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, "cutover.window: the server knows no time zone Mars/Olympus")
    case.write_config(cutover={"window": window})

    def ask(*command):
        code, output = case.pgwraith(*command)
        case.check(code == 0, f"{command} exits 0, not {code}: {output}")
        return output

    def waits(run, text):
        run.wait_status(f"the swap to wait ({text})", lambda now: now["phase"] == "ready" and text in now["activity"])

    run = case.start()
    waits(run, f"{window} is in ")
    case.says(ask("cutover"), "within " + window)
    flag = case.dir / "stop"
    flag.touch()
    ask("set", "throttle.flag_file=stop")
    run.wait_status("the gate to be closed", lambda now: now["throttled"])
    ask("set", "cutover.window=")
    waits(run, "the swap waits: the file")
    ask("postpone")
    waits(run, "postponed")
    flag.unlink()
    # Another process goes by it too.
    run.wait_status("the gate to be open", lambda now: not now["throttled"])
    run.signal(signal.SIGKILL)
    run.wait()
    case.write_config(cutover={"window": ""})
    run = case.start()
    waits(run, "postponed")

    code, output = case.pgwraith("cutover", "--at", "tomorrow")
    case.check(code == 2, f"a moment that is none: exit 2, not {code}: {output}")
    case.says(output, "2026-11-28T02:00")
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
    case.says(ask("cutover", "--at", at.isoformat(timespec="seconds")), "will begin at 2")
    waits(run, "the swap is to be at ")
    case.expect_exit(run, 0)
    case.check(datetime.datetime.now(datetime.timezone.utc) >= at.replace(microsecond=0), "not before its hour")
    case.finish_success(run, [])
