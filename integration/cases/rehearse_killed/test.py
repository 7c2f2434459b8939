import catalog_oracle
from rehearsal import dies_at, ends_by, is_not_run_over, left_nothing

# How it goes on afterwards: by itself, or by an abort.
POINTS = {"chunk.done:2": "rehearse", "cutover.locked": "abort", "rehearsal.rolled_back": "rehearse",
          "rehearsal.going_back": "abort", "drop.publication": "rehearse", "rehearsal.gone_back": "rehearse"}
GOING_BACK = ("rehearsal.going_back", "drop.publication")


def run(case):
    before = case.server.dump_schema(case.database)
    case.copy_database()
    load = case.workload()
    for point, then in POINTS.items():
        dies_at(case, point)
        if point in GOING_BACK:
            is_not_run_over(case, point)
            code, output = case.pgwraith("status")
            case.says(output, "going_back, of a rehearsal")
        output = ends_by(case, point, then)
        if point in GOING_BACK and then == "rehearse":
            case.check("now: copy" not in output, f"{point}: nothing is done again: {output}")
            case.says(output, "without the process that was interrupted", "the swap +tried")
        left_nothing(case, point, before)
    catalog_oracle.check(case.server, case.expected, case.database)
    case.stop_workload(load)
    case.check_twin()
