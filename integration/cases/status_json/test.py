import json

from program import PHASES

NUMBERS = ["rows_copied", "row_estimate", "rows_per_second", "changes_received", "changes_applied", "pending_changes",
           "stream_lag_bytes", "retained_wal_bytes", "rows_verified", "cutover_attempts", "percent", "elapsed_ms"]


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    case.wait_held(run)
    output = case.succeeds("status", "--json")
    status = json.loads(output)
    case.check(status["phase"] in PHASES, f"phase is one of those documented: {status}")
    for name in NUMBERS:
        case.check(isinstance(status.get(name), (int, float)), f"{name} is a number in {status}")
    case.check(set(status) >= {"throttled", "eta_ms", "table", "pid"}, f"throttled, eta_ms, table, pid in {status}")
    case.check(status["pid"] == run.process.pid, "the pid is the running process's")

    case.release_copy()
    seen = []
    while not run.exited():
        now = run.status()
        if now:
            case.check(0 <= now["percent"] <= 100, f"percent within 0 … 100: {now}")
            if seen and seen[-1]["phase"] == now["phase"]:
                case.check(now["percent"] >= seen[-1]["percent"], f"percent does not fall: {seen[-1]} {now}")
            if seen:
                case.check(now["rows_copied"] >= seen[-1]["rows_copied"], "rows_copied does not fall")
            seen.append(now)
    order = [PHASES.index(now["phase"]) for now in seen]
    # Catch-up may be returned to from verify or from an attempt; what comes before it may not.
    build = PHASES.index("build")
    case.check(all(a <= b or b > build for a, b in zip(order, order[1:])), f"phases in order: {order}")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
    code, output = case.pgwraith("status")
    case.says(output, "no process|not running|done")
