"""A change without a shadow: the process dies at each fault point of its steps, and is carried on or taken back."""

import collections
import json
import pathlib
import random
import re
import signal
import time

from disk import SmallDisk
from servers import HarnessError, wait_until

TABLE = pathlib.Path(__file__).resolve().parent / "table_steps"
SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src"
# Where these points are; crash_matrix.py leaves them out.
SOURCES = [*sorted((SOURCE / "online").rglob("*.cpp")), SOURCE / "migration/direct.cpp"]
OPTIONS = {"folder": TABLE}
CASES = pathlib.Path(__file__).resolve().parents[1] / "cases"
UNDO = {"step.undone", "undo.begun"}
ROWS = ["SELECT id, n, p FROM t", "SELECT id, n, p FROM twin"]


def points():
    """Those of an expansion are passed by the case expand_killed, those of a rehearsal by rehearse_killed."""
    found = {name for path in SOURCES for name in re.findall(r'fault_point\("([^"]+)"\)', path.read_text())}
    return sorted(name for name in found if not name.startswith(("expand.", "rehearsal.")))


def undisturbed(case):
    """How often each point is passed; the outcome is the plain statements'."""
    trace = case.dir / "trace"
    case.copy_database()
    load = case.workload()
    run = case.start(env={"PGWRAITH_FAULT_TRACE": str(trace)})
    case.expect_exit(run, 0)
    case.alter_reference()
    case.check_same_schema()
    _judge(case, load)
    return collections.Counter(trace.read_text().split())


def _judge(case, load):
    case.stop_workload(load)
    case.check_clean()
    case.check_twin(ROWS)
    case.check(case.superuser("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0", "no index is invalid")
    case.check(case.superuser("SELECT count(*) FROM pg_constraint WHERE NOT convalidated AND connamespace = 'public'::regnamespace")
               == "0", "each constraint is valid")


def carried_on(point):
    def test(case):
        case.copy_database()
        load = case.workload()
        case.must_crash(point)
        case.run_to_end()
        case.alter_reference()
        case.check_same_schema()
        case.check(case.superuser("SELECT count(*) FROM t WHERE twice IS NULL") == "0", "the column is filled")
        _judge(case, load)
    return test


def taken_back(point, undo=None):
    """A dropped index does not come back; all else does."""
    def test(case):
        case.psql("DROP INDEX t_n")
        case.write_config(sql=case.text("change.sql").replace("DROP INDEX t_n;\n", ""))
        before = case.server.dump_schema(case.database)
        load = case.workload()
        case.must_crash(point)
        if undo:
            code, output = case.pgwraith("abort", env={"PGWRAITH_CRASH_AT": undo})
            case.check(code == -9, f"abort dies at {undo}, not {code}: {output}")
            code, output = case.pgwraith("run")
            case.check(code == 3 and "is being taken back" in output, f"run refuses, not {code}: {output}")
        code, output = case.pgwraith("abort", timeout=60)
        case.check(code == 0, f"abort exits 0, not {code}: {output}")
        case.check_nothing_happened(before)
        case.check(not (case.state_dir / "store").exists(), "no state is left")
        _judge(case, load)
    return test


# Both versions of a column that is filled: one that stands, one that is new. The clients write the one that stands.
FILL = {"sql": "ALTER TABLE t ADD COLUMN twice int NOT NULL", "values": {"twice": "n * 2", "p": "-1"},
        "copy": {"workers": 2, "chunk_max_bytes": "8KiB"}, "throttle": {"idle_ratio": 10.0}}
FILLED = ["SELECT id, n, p FROM t", "SELECT id, n, coalesce(p, -1) FROM twin"]


def _filling(case, **settings):
    case.psql("UPDATE t SET p = NULL; UPDATE twin SET p = NULL; VACUUM (FULL) t")
    case.write_config(**FILL, **settings)
    case.copy_database()
    return case.workload()


def _judge_filled(case, run, load):
    case.stop_workload(load)
    case.says(run.log(), "fill twice: [1-9][0-9,]* rows were filled, .* 0 are left NULL", "fill p: .* 0 are left NULL")
    case.psql("ALTER TABLE t ADD COLUMN twice int; UPDATE t SET twice = 0; ALTER TABLE t ALTER twice SET NOT NULL",
              database=case.expected)
    case.check_same_schema()
    case.check(case.superuser("SELECT count(*) FROM t WHERE twice IS NULL OR twice % 2 <> 0") == "0", "the new column is filled")
    case.check(case.superuser("SELECT count(*) FROM twin WHERE p IS NOT NULL") != "0", "the clients wrote the other")
    case.check_twin(FILLED)
    case.check_clean()


def fill_killed_at_random(kills):
    """The same table, one process after the other: nothing that a client wrote is overwritten, nothing is left out."""
    def test(case):
        load = _filling(case)
        died = 0
        while died < kills:
            run = case.start()
            wait_until("the process to fill", lambda: run.exited() or "carrying on" in run.log() or "fill twice" in run.log()
                       or "step: fill" in run.log(), 20)
            time.sleep(random.uniform(0, 0.3))
            run.signal(signal.SIGKILL)
            if run.wait() == 0:
                break
            died += 1
        case.notes.append(f"killed {died} times")
        case.check(died >= kills // 2, f"it was killed while it filled: {died} times of {kills}")
        _judge_filled(case, case.run_to_end() if died == kills else run, load)
    return test


def fill_with_a_full_disk(case):
    """Of the state directory: it waits for room and goes on."""
    disk = case.closing(SmallDisk(case.dir / "disk"))
    load = _filling(case, state_dir=str(disk.path / "state"), reconnect={"give_up_after": "2m"})
    run = case.start(state_dir=disk.path / "state")
    run.wait_status("rows to be filled", lambda now: "rows filled" in now["activity"])

    def complains():
        disk.fill(run)
        return "No space left" in run.log() or run.exited()
    wait_until("the program to say that the disk is full", complains, 60)
    case.check(not run.exited(), f"it waits for room: exit {run.process.returncode}\n{run.log()[-2500:]}")
    disk.make_room()
    case.expect_exit(run, 0, 60)
    _judge_filled(case, run, load)


def tests(quick, counts):
    result = [("steps fill killed at random", fill_killed_at_random(10 if quick else 30), OPTIONS),
              ("steps fill with a full disk", fill_with_a_full_disk, OPTIONS)]
    for name in points():
        if name in UNDO:
            continue
        count = counts.get(name, 0)
        if count == 0:
            raise HarnessError(f"nobody comes to {name}")
        # How many chunks there are, and how often a lock is tried for, depends on the machine.
        varies = name.startswith(("fill.", "step.intent", "step.locked"))
        last = count // 2 or 1 if varies else count
        chosen = sorted({1, last}) if quick else range(1, min(last, 12) + 1)
        for nth in chosen:
            result.append((f"steps crash {name}:{nth}", carried_on(f"{name}:{nth}"), OPTIONS))
        # What drops the index is left out of what is taken back.
        if not name.startswith(("finish.", "direct.done", "index.dropped")):
            result.append((f"steps taken back {name}:{(count + 1) // 2}", taken_back(f"{name}:{(count + 1) // 2}"), OPTIONS))
    # Before the last step; the index that an abort drops is there. (One step, which drops an index, is left out.)
    last = f"step.done:{counts['step.done'] - 2}"
    for undo in ("undo.begun", "step.undone:2", "step.intent", "step.committed", "index.dropped"):
        result.append((f"steps taken back, abort dies at {undo}", taken_back(last, undo), OPTIONS))
    return result


def cases():
    """The folders of integration/cases that need fault points."""
    found = [path.parent for path in sorted(CASES.glob("*/case.json")) if json.loads(path.read_text()).get("faults")]
    return [(f"case {folder.name}", lambda case: case.execute(), {"folder": folder, "timeout": 180}) for folder in found]
