import re

from servers import PATIENCE, wait_until


def attempts(run):
    return re.findall(r"attempt \d+ was called off: (.*)", run.log())


def run(case):
    got, output = case.pgwraith("plan")
    case.says(output, "sequence \"public\".\"t_id_seq\" is locked with the table", "OWNED BY NONE")
    run = case.start()
    run.wait_phase("ready")
    load = case.workload()
    case.pgwraith("cutover")
    wait_until("two attempts, or the swap", lambda: run.exited() or len(attempts(run)) >= 2, 60)
    if run.exited():  # there was a gap, on this machine
        case.expect_exit(run, 0)
    else:
        run.stop()
        for line in attempts(run):
            case.check(re.search(r"public\.t(_id_seq)? is held by pid \d+ \(app", line), f"it is named: {line}")
    case.stop_workload(load)
    if not run.log().count("swapped"):
        case.pgwraith("abort")
        case.psql("ALTER SEQUENCE t_id_seq OWNED BY NONE")
        run = case.start()
        run.wait_phase("ready")
        again = case.workload()
        case.pgwraith("cutover")
        case.expect_exit(run, 0)
        again.wait_progress()
        case.psql("ALTER SEQUENCE t_id_seq OWNED BY t.id")
        case.finish_success(run, [again])
    slowest = load.latencies_ms()[-1]
    case.notes.append(f"slowest transaction {slowest:.0f} ms")
    case.check(slowest < 1000 * PATIENCE, f"no client waited for a second: {slowest} ms")
