import datetime
import re
import signal

from servers import REPO

# The server's clock, and what it says: day and minute of the day, in how many minutes the clocks change, by how many.
CLOCKS = (("2026-03-28 21:00:00+00", "Europe/Berlin", "5|1320|240|60"),
          ("2026-10-24 20:00:59+00", "Europe/Berlin", "5|1320|300|-60"),
          ("2026-10-25 01:00:00+00", "Europe/Berlin", "6|120||"),
          ("2026-04-04 13:07:00+00", "Australia/Lord_Howe", "6|7|113|-30"),
          ("2026-10-24 20:00:00+00", "UTC", "5|1200||"))


def clocks_that_change(case):
    """What the server is asked, at other moments than now."""
    question = re.search(r'clock_sql = R"\((.*?)\)"', (REPO / "src/throttle/wall_clock.cpp").read_text(), re.DOTALL).group(1)
    for moment, zone, expected in CLOCKS:
        asked = question.replace("clock_timestamp()", f"timestamptz '{moment}'").replace("$1", f"text '{zone}'")
        answer = case.superuser(asked)
        case.check(answer == expected, f"{moment} in {zone}: {expected}, not {answer}")


def run(case):
    clocks_that_change(case)
    case.make_reference()
    window = case.later_hours()
    case.write_config(cutover={"window": "Sat 02:00-05:00 Mars/Olympus"})
    for command in ("plan", "run"):
        code, output = case.pgwraith(command)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, "cutover.window: the server knows no time zone Mars/Olympus")
    case.write_config(cutover={"window": window})

    def waits(run, text):
        run.wait_status(f"the swap to wait ({text})", lambda now: now["phase"] == "ready" and text in now["activity"])

    run = case.start()
    waits(run, f"{window} is in ")
    case.says(case.succeeds("cutover"), "within " + window)
    flag = case.dir / "stop"
    flag.touch()
    case.succeeds("set", "throttle.flag_file=stop")
    run.wait_status("the gate to be closed", lambda now: now["throttled"])
    case.succeeds("set", "cutover.window=")
    waits(run, "the swap waits: the file")
    # Another process goes by it too: it was on disk before the answer.
    case.succeeds("postpone")
    run.signal(signal.SIGKILL)
    run.wait()
    flag.unlink()
    case.write_config(cutover={"window": ""})
    run = case.start()
    waits(run, "postponed")

    code, output = case.pgwraith("cutover", "--at", "tomorrow")
    case.check(code == 2, f"a moment that is none: exit 2, not {code}: {output}")
    case.says(output, "2026-11-28T02:00")
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
    case.says(case.succeeds("cutover", "--at", at.isoformat(timespec="seconds")), "will begin at 2")
    waits(run, "the swap is to be at ")
    case.expect_exit(run, 0)
    case.check(datetime.datetime.now(datetime.timezone.utc) >= at.replace(microsecond=0), "not before its hour")
    case.finish_success(run, [])
