"""Every fault point of the source: the process dies there under the clients' load, and the next run ends the work."""

import collections
import pathlib
import re

from servers import HarnessError

TABLE_WITH_KEYS = pathlib.Path(__file__).resolve().parent / "table_with_keys"
SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src"

# Points that lie off the straight road, and the way there.
START_OVER = {"start_over.intent", "start_over.truncated", "start_over.recorded"}
ABORT_ONLY = {"drop.publication_left"}
ABORT = {"drop.slot", "drop.publication", "drop.schema"} | ABORT_ONLY
# Only rows that go by the COPY protocol come by.
COPY_ONLY = {"chunk.streaming", "chunk.streamed"}
BY_COPY = {"settings": {"copy": {"method": "copy"}}}
# Few occurrences, each one different: all of them are tried.
EACH = {"cutover.statement", "journal.put", "journal.before_put"}
# Only a table with something that is left to do after the swap comes there: the one of table_with_keys.
AFTER_COMMIT = "finish.after_commit"
# Before the first of these statements, behind each, behind the last; and the end of such a migration.
AFTER_THE_SWAP = ["cutover.after_commit", "phase.done", AFTER_COMMIT + ":1", AFTER_COMMIT + ":2", AFTER_COMMIT + ":3",
                  AFTER_COMMIT + ":4", AFTER_COMMIT + ":5", "drop.slot", "finish.dropped", "finish.recorded",
                  "finish.destroyed"]


def points_of_source():
    """From the source itself: a list kept by hand silently loses points."""
    found = set()
    for path in sorted(SOURCE.rglob("*.cpp")):
        # steps.py has these, the cases rehearse_* those of a rehearsal.
        if path.name in ("faults.cpp", "direct.cpp", "contract.cpp", "rehearsal.cpp") or path.parent.name == "online":
            continue
        text = path.read_text()
        names = re.findall(r'fault_point\("([^"]+)"\)', text)
        found.update(name for name in names if not name.startswith("rehearsal."))
        computed = len(re.findall(r"fault_point\(", text)) - len(names)
        if computed:
            phases = re.findall(r"enter\(Phase::(\w+)\);", text)
            if computed != 1 or path.name != "attempt.cpp" or not phases:
                raise HarnessError(f"{path}: a fault point whose name is computed is unknown here")
            # board_.enter() only tells the progress, it is the awaited enter() that has the point.
            found.update("phase." + name for name in re.findall(r"co_await enter\(Phase::(\w+)\);", text))
    return sorted(found)


def traced_counts(case):
    """How often each point is passed in a migration that nobody disturbs."""
    trace = case.dir / "trace"
    load = case.clients()
    run = case.start(env={"PGWRAITH_FAULT_TRACE": str(trace)})
    case.expect_exit(run, 0)
    case.judge(load)
    return collections.Counter(trace.read_text().split())


def occurrences(name, count, quick):
    if name in EACH:
        chosen = set(range(1, count + 1))
        return sorted({1, count // 2 or 1, count} if quick else chosen)
    return [1] if quick or count < 3 else [1, count // 2]


def straight(point):
    def test(case):
        load = case.clients()
        if case.run_until_crash(point) is None:
            if not point.endswith(":1"):
                case.notes.append("not reached this time")
                case.judge(load)
                return
            raise HarnessError(f"the run never came to {point}")
        load.wait_progress() if "commit" in point else None
        case.run_to_end()
        case.judge(load)
    return test


def after_the_swap(point):
    """What is left to do is done by the next run, as often as it takes."""
    def test(case):
        load = case.clients()
        case.must_crash(point)
        if point.startswith(AFTER_COMMIT):
            case.must_crash(point)  # and again at the same statement
        trace = case.dir / "trace"
        run = case.start(env={"PGWRAITH_FAULT_TRACE": str(trace)})
        case.expect_exit(run, 0, 60)
        passed = trace.read_text().split() if trace.exists() else []
        case.check(not any(name.startswith(("chunk.", "cutover.")) for name in passed), f"nothing is done twice: {passed}")
        case.judge(load)
        case.check_queries()
    return test


def _definitions(case):
    """Of all that is the application's."""
    return [line for line in case.server.dump_schema(case.database, "--exclude-schema=pgwraith*")
            if line and "pgwraith" not in line]


def statements_of_the_swap(step):
    """Killed at one statement of the swap after another: what hangs on the table is as it was, until all of it is new."""
    def test(case):
        load = case.clients()
        before = _definitions(case)
        nth = 1
        while case.run_until_crash(f"cutover.statement:{nth}"):
            case.check(_definitions(case) == before, f"nothing has happened at statement {nth}")
            nth += step
        case.check(_definitions(case) != before and nth > 20, f"the swap has many statements, not {nth}")
        case.notes.append(f"{nth - step} statements")
        case.judge(load)
        case.check_queries()
    return test


def start_over(point):
    def test(case):
        load = case.clients()
        case.must_crash("chunk.done:5")
        case.superuser("VACUUM FULL t")
        case.must_crash(point)
        case.run_to_end()
        case.judge(load)
    return test


def settled(point):
    def test(case):
        load = case.clients()
        case.must_crash("chunk.after_commit:2")
        case.must_crash(point)
        case.run_to_end()
        case.judge(load)
    return test


def repair(point):
    def test(case):
        load = case.clients()
        case.must_crash("phase.verify")
        case.superuser(f"UPDATE {case.shadow()} SET a = a + 1000000 WHERE id = 63943")  # no client writes stripe 7
        case.must_crash(point)
        case.run_to_end()
        case.judge(load, repairs=True)
    return test


def only_abort_goes_on(case):
    for command in ("run", "plan"):
        code, output = case.pgwraith(command)
        case.check(code == 3, f"{command} refuses what is being taken back, not {code}: {output}")
        case.says(output, "is being taken back", "`pgwraith abort` goes on")


def aborted(point):
    def test(case):
        load = case.clients()
        case.must_crash("chunk.done:3")
        code, output = case.pgwraith("abort", env={"PGWRAITH_CRASH_AT": point})
        case.check(code == -9, f"abort dies at {point}, not {code}: {output}")
        case.stop_workload(load)
        code, output = case.pgwraith("status")
        case.says(output, "an abort has begun to take it back", "`pgwraith abort` goes on")
        only_abort_goes_on(case)
        case.judge_abort()
        code, output = case.pgwraith("abort")
        case.check(code == 0, f"a second abort has nothing to do: {code} {output}")
    return test


def tests(quick, counts):
    """(name, function, options of its case) of each point; the counts come from an undisturbed run."""
    result = []
    for name in points_of_source():
        if name in START_OVER:
            result.append((f"crash {name}", start_over(name)))
        elif name in COPY_ONLY:
            result.append((f"crash {name}", straight(f"{name}:1"), BY_COPY))
        elif name == "chunk.settled":
            result.append((f"crash {name}", settled(name)))
        elif name == "verify.repair":
            result.append((f"crash {name}", repair(name)))
        elif counts[name]:
            for nth in occurrences(name, counts[name], quick):
                result.append((f"crash {name}:{nth}", straight(f"{name}:{nth}")))
        elif name != AFTER_COMMIT and name not in ABORT_ONLY:
            result.append((f"crash {name}", straight(f"{name}:1")))  # fails, and says that nobody comes there
        if name in ABORT:
            result.append((f"crash abort {name}", aborted(name)))
    result = [(name, test, *options) if options else (name, test, {}) for name, test, *options in result]
    for point in ("chunk.before_commit:2", "chunk.after_commit:2"):
        result.append((f"crash by COPY {point}", straight(point), BY_COPY))
    result.append(("crash at the statements of the swap", statements_of_the_swap(4 if quick else 1),
                   {"folder": TABLE_WITH_KEYS, "timeout": 300}))
    for point in AFTER_THE_SWAP:
        result.append((f"crash after the swap, {point}", after_the_swap(point), {"folder": TABLE_WITH_KEYS}))
    return result
