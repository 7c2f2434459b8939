import re
import time

from asked import Asked
from servers import wait_until


def run(case):
    case.make_reference()
    loads = [case.workload()]
    # The fill stands still after its first chunks, so that the clients write the new column first, and then beside it.
    run = case.start()
    wait_until("the new column", lambda: case.superuser(
        "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'fresh'") == "1")
    code, output = case.pgwraith("pause")
    case.check(code == 0, output)
    loads.append(case.workload(scripts=[case.folder / "fresh.sql"], name="fresh"))
    loads[1].wait_progress()
    code, output = case.pgwraith("resume")
    case.check(code == 0, output)
    begun = time.monotonic()
    asked = Asked(case)
    wait_until("it to be said", lambda: "the application goes on writing rows without a value" in run.log(), 40)
    status = run.status()
    for load in loads:
        case.stop_workload(load)
    case.expect_exit(run, 0)
    asked.expect(0)
    lines = asked.text().splitlines()
    case.says(lines[-1], "^done: public.t has its new shape: others waited")
    case.check(len(lines) < 8 + (time.monotonic() - begun), f"a line for each news, not for each chunk: {lines}")
    rows = int(case.superuser("SELECT count(*) FROM t"))
    for column in ("fresh", "standing"):
        found = re.search(rf"fill {column}: ([\d,]+) rows were filled, in ([\d,]+) the application was first, 0 are left NULL; of "
                          r"all ([\d,]+) rows compared ([\d,]+) have", run.log())
        case.check(found, f"what became of {column} is said")
        filled, first, compared, agree = (int(number.replace(",", "")) for number in found.groups())
        theirs = int(case.superuser(f"SELECT count(*) FROM twin WHERE {column} IS NOT NULL"))
        case.check(filled + first == rows == compared, f"{column}: each row is counted once: {found[0]}, {rows} rows")
        case.check(0 < first <= theirs and agree == rows - theirs, f"{column}: {theirs} rows are the clients': {found[0]}")
    case.check(case.superuser("SELECT count(*) FROM overwritten") == "0", "nothing was overwritten, not even for a moment")
    case.options["twin"] = ["SELECT id, n, standing, fresh FROM t",
                            "SELECT id, n, coalesce(standing, 'old ' || id), coalesce(fresh, n * 2) FROM twin"]
    case.options["workload_after"] = False
    case.finish_success(run, loads)
    # One pass writes both columns: a row was written once by the fill.
    case.check(status["activity"].startswith("fill fresh, standing"), status)
