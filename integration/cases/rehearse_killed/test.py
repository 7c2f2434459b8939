import signal

import catalog_oracle

# How it goes on afterwards: by itself, or by an abort.
POINTS = {"chunk.done:2": "rehearse", "cutover.locked": "abort", "rehearsal.rolled_back": "rehearse",
          "rehearsal.going_back": "abort", "drop.publication": "rehearse", "rehearsal.gone_back": "rehearse"}
GOING_BACK = ("rehearsal.going_back", "drop.publication")


def run(case):
    before = case.server.dump_schema(case.database)
    case.copy_database()
    load = case.workload()
    for point, then in POINTS.items():
        run = case.start(env={"PGWRAITH_CRASH_AT": point}, command="rehearse")
        case.check(run.wait() == -signal.SIGKILL, f"it dies at {point}: {run.log()[-2000:]}")
        if point in GOING_BACK:
            code, output = case.pgwraith("run")
            case.check(code == 3, f"{point}: run exits 3, not {code}: {output}")
            code, output = case.pgwraith("status")
            case.says(output, "going_back, of a rehearsal")
        code, output = case.pgwraith(then, timeout=60)
        case.check(code == 0, f"{point}: {then} exits 0, not {code}: {output}")
        case.says(output, "as it was")
        if point in GOING_BACK and then == "rehearse":
            case.check("now: copy" not in output, f"{point}: nothing is done again: {output}")
            case.says(output, "without the process that was interrupted", "the swap +tried")
        case.check_nothing_happened(before)
        case.check(not case.state_dir.exists() or not any(case.state_dir.iterdir()), f"{point}: no state is left")
    catalog_oracle.check(case.server, case.expected, case.database)
    case.stop_workload(load)
    case.check_twin()
