import catalog_oracle
from rehearsal import dies_at, ends_by, is_not_run_over, left_nothing

POINTS = {"step.committed": "rehearse", "step.locked:2": "abort", "fill.pass": "rehearse", "index.built": "abort",
          "step.undone:2": "rehearse", "rehearsal.gone_back": "rehearse"}


def run(case):
    before = case.server.dump_schema(case.database)
    case.copy_database()
    load = case.workload()
    for point, then in POINTS.items():
        dies_at(case, point)
        if point != "rehearsal.gone_back":
            is_not_run_over(case, point)
        output = ends_by(case, point, then)
        if point == "step.undone:2":
            case.says(output, "without the process that was interrupted", "CREATE UNIQUE INDEX later.* made")
        left_nothing(case, point, before)
    catalog_oracle.check(case.server, case.expected, case.database)
    case.stop_workload(load)
    case.check_twin(["SELECT id, a, b, c, p FROM t", "SELECT id, a, b, c, p FROM twin"])
