"""The process dies around a borrowed replica identity, while clients write: no write fails, and the old one comes back."""

import pathlib
import signal

from borrowed import identity
from servers import wait_until

FOLDER = {"folder": pathlib.Path(__file__).resolve().parents[1] / "cases" / "key_index"}
OWN, BORROWED = "d", "i t_identity"
# Where the run dies, and what the live table has then.
POINTS = {
    "prepare.before_shadow": OWN,
    "prepare.shadow": OWN,
    "prepare.identity": BORROWED,
    "prepare.publication": BORROWED,
    "prepare.slot": BORROWED,
    "phase.ready": BORROWED,
    "cutover.before_commit": BORROWED,
}
# After the swap; the table of that name is the new one.
SWAPPED = ("cutover.after_commit", "phase.done", "drop.publication", "drop.identity", "drop.schema")


def judge(case, load):
    case.stop_workload(load)
    case.check_twin()
    case.check_clean()
    tables = ["public.t", *(schema + ".t" for schema in case.old_schemas())]
    for table in tables:
        case.check(identity(case, table) == OWN, f"{table} has its own identity, not {identity(case, table)}")


def carried_on(point, has):
    def test(case):
        load = case.workload()
        case.must_crash(point)
        case.check(identity(case) == has, f"it has {identity(case)} at {point}, not {has}")
        if has == OWN or point.startswith("prepare."):
            case.must_crash(point)  # and again, over what the first has left
        load.wait_progress()
        case.run_to_end()
        judge(case, load)
    return test


def swapped(point):
    def test(case):
        load = case.workload()
        case.must_crash(point)
        case.check(identity(case) == OWN, f"the new table has what the old one had, not {identity(case)}")
        load.wait_progress()
        case.run_to_end()
        judge(case, load)
    return test


def aborted(point, has):
    """The abort dies too, around the return of the identity."""
    def test(case):
        load = case.workload()
        case.must_crash(point)
        for again in ("drop.publication", "drop.identity"):
            code, output = case.pgwraith("abort", env={"PGWRAITH_CRASH_AT": again})
            case.check(code == -signal.SIGKILL, f"abort dies at {again}, not {code}: {output}")
            expected = has if again == "drop.publication" else OWN
            case.check(identity(case) == expected, f"at {again} it has {identity(case)}, not {expected}")
        load.wait_progress()
        code, output = case.pgwraith("abort")
        case.check(code == 0, f"abort exits 0, not {code}: {output}")
        judge(case, load)
    return test


def aborted_while_held(case):
    """A reader holds the table: the abort waits for it, without keeping others for long, and says so."""
    load = case.workload()
    case.must_crash("phase.ready")
    reader = case.session()
    reader.run("BEGIN")
    reader.run("SELECT FROM t LIMIT 1")
    run = case.start()
    run.wait_phase("cutover")
    run.post("/abort")
    wait_until("it to name the reader", lambda: "cannot be given back yet" in run.log(), 20)
    reader.run("COMMIT")
    case.expect_exit(run, 5)
    judge(case, load)


def tests(quick):
    points = {name: POINTS[name] for name in ("prepare.identity", "prepare.publication")} if quick else POINTS
    ends = SWAPPED[2:4] if quick else SWAPPED
    result = [(f"identity carried on {point}", carried_on(point, has), FOLDER) for point, has in points.items()]
    result += [(f"identity swapped {point}", swapped(point), FOLDER) for point in ends]
    result += [(f"identity aborted {point}", aborted(point, has), FOLDER) for point, has in points.items()
               if point not in ("prepare.before_shadow", "prepare.shadow")]
    return [*result, ("identity aborted while held", aborted_while_held, FOLDER)]
