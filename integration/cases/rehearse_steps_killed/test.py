import signal

import catalog_oracle

POINTS = {"step.committed": "rehearse", "step.locked:2": "abort", "fill.pass": "rehearse", "index.built": "abort",
          "step.undone:2": "rehearse", "rehearsal.gone_back": "rehearse"}


def run(case):
    before = case.server.dump_schema(case.database)
    case.copy_database()
    load = case.workload()
    for point, then in POINTS.items():
        run = case.start(env={"PGWRAITH_CRASH_AT": point}, command="rehearse")
        case.check(run.wait() == -signal.SIGKILL, f"it dies at {point}: {run.log()[-2000:]}")
        if point != "rehearsal.gone_back":
            code, output = case.pgwraith("run")
            case.check(code == 3, f"{point}: run exits 3, not {code}: {output}")
        code, output = case.pgwraith(then, timeout=60)
        case.check(code == 0, f"{point}: {then} exits 0, not {code}: {output}")
        case.says(output, "as it was")
        if point == "step.undone:2":
            case.says(output, "without the process that was interrupted", "CREATE UNIQUE INDEX later.* made")
        case.check_nothing_happened(before)
        case.check(not case.state_dir.exists() or not any(case.state_dir.iterdir()), f"{point}: no state is left")
    catalog_oracle.check(case.server, case.expected, case.database)
    case.stop_workload(load)
    case.check_twin(["SELECT id, a, b, c, p FROM t", "SELECT id, a, b, c, p FROM twin"])
