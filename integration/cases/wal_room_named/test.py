import os
import re
import signal

UNLIMITED = "max_slot_wal_keep_size is unlimited"
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}


def run(case):
    output = case.pgwraith("plan")[1]
    case.says(output, UNLIMITED)
    case.check("are free" not in output, f"a role that may not know the directory says no figure: {output}")
    case.superuser("GRANT pg_monitor TO migrator")
    output = case.pgwraith("plan")[1]
    found = re.search(re.escape(UNLIMITED) + r".*\(([0-9.]+) (\w+) are free on it now\)", output)
    case.check(found, f"the figure is in the warning: {output}")
    disk = os.statvfs(case.server.data / "pg_wal")
    said, free = float(found[1]) * UNITS[found[2]], disk.f_bavail * disk.f_frsize
    case.check(abs(said - free) < 0.2 * free + (1 << 30), f"{said} of {free} bytes")
    run = case.start()
    run.wait_phase("ready")
    run.signal(signal.SIGTERM)
    case.expect_exit(run, 4)
    said = run.log().count(UNLIMITED)
    again = case.start()
    again.wait_phase("ready")
    case.check(said == 1 and UNLIMITED not in again.log(), f"said once, not {said} times: {again.log()}")
    again.signal(signal.SIGTERM)
    case.expect_exit(again, 4)
    case.check(case.pgwraith("abort")[0] == 0, "abort")
