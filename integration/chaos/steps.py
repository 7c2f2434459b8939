"""A change without a shadow: the process dies at each fault point of its steps, and is carried on or taken back."""

import collections
import json
import pathlib
import re

from servers import HarnessError

TABLE = pathlib.Path(__file__).resolve().parent / "table_steps"
SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src"
# Where these points are; crash_matrix.py leaves them out.
SOURCES = [*sorted((SOURCE / "online").rglob("*.cpp")), SOURCE / "migration/direct.cpp"]
OPTIONS = {"folder": TABLE}
CASES = pathlib.Path(__file__).resolve().parents[1] / "cases"
UNDO = {"step.undone"}
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
        code, output = case.pgwraith("abort", timeout=60)
        case.check(code == 0, f"abort exits 0, not {code}: {output}")
        case.check_nothing_happened(before)
        case.check(not (case.state_dir / "store").exists(), "no state is left")
        _judge(case, load)
    return test


def tests(quick, counts):
    result = []
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
    for undo in ("step.undone:2", "step.intent", "step.committed", "index.dropped"):
        result.append((f"steps taken back, abort dies at {undo}", taken_back(last, undo), OPTIONS))
    return result


def cases():
    """The folders of integration/cases that need fault points."""
    found = [path.parent for path in sorted(CASES.glob("*/case.json")) if json.loads(path.read_text()).get("faults")]
    return [(f"case {folder.name}", lambda case: case.execute(), {"folder": folder, "timeout": 180}) for folder in found]
