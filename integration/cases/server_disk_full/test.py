import re
import subprocess

from servers import REPO, wait_until

FULL = r"could not extend file .*No space left on device"


def tried(run):
    return len(re.findall(r"again in|trying again", run.log()))


def waits_for_room(run):
    """It complains of the disk, tries again, and is not ended by it."""
    seen = tried(run)
    run.wait_until("it to try again", lambda: tried(run) > seen + 1, 30)


def run(case):
    library, full = case.dir / "full_disk.so", case.dir / "full"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(REPO / "integration/lib/full_disk.c"), "-ldl"], check=True)
    case.make_reference()
    case.server.environment = {"LD_PRELOAD": str(library), "FULL_DISK_WHILE": str(full)}
    case.server.restart()
    run = case.start()
    run.wait_status("rows to be filled", lambda status: re.search(r"pass 1: [1-9][\d,]* rows filled", status["activity"]))
    full.touch()
    waits_for_room(run)
    case.says(run.log(), FULL)
    # A writer that the build waits for: it has begun, and has not written anything.
    writer = case.session("migrator")
    full.unlink()
    run.wait_status("the fill to go on", lambda status: re.search(r"pass 1: [1-9][\d,]* rows filled", status["activity"]))
    writer.run("BEGIN; UPDATE t SET pad = pad WHERE id = 0")
    run.wait_status("the build to wait", lambda status: "CREATE INDEX" in status["activity"] and "waiting for pid" in status["activity"])
    full.touch()
    writer.run("COMMIT")
    waits_for_room(run)
    wait_until("no index to be left that is not valid",
               lambda: case.superuser("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0")
    full.unlink()
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=True)
