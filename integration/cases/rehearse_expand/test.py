import signal

import catalog_oracle
from case import plan_in


def rehearsed(case):
    run = case.start(command="rehearse --json")
    case.expect_exit(run, 0)
    report = plan_in(run.log())
    case.check(report["succeeded"] and report["way_back_ms"] > 0, f"it came to its end and went back: {report}")
    return report["steps"][-1]


def run(case):
    case.psql("CREATE VIEW logins AS SELECT username FROM t")
    before = case.server.dump_schema(case.database)
    case.copy_database()
    load = case.workload(name="old")
    last = rehearsed(case)
    case.check(last["what"] == "the contraction" and last["how"] == "left out" and "logins" in last["note"],
               f"the view is named: {last}")
    case.check_nothing_happened(before)
    catalog_oracle.check(case.server, case.expected, case.database)
    case.psql("DROP VIEW logins")
    case.psql("DROP VIEW logins", database=case.expected)
    before = case.server.dump_schema(case.database)
    # Stopped while old and new stand side by side, it is no expansion.
    run = case.start(command="rehearse")
    run.wait_status("old rows are filled", lambda status: "fill" in status["activity"])
    run.signal(signal.SIGTERM)
    code = run.wait()
    case.check(code == 4, f"SIGTERM: exit 4, not {code}")
    for command in ("run", "contract"):
        got, output = case.pgwraith(command)
        case.check(got == 3, f"{command} exits 3, not {got}: {output}")
        case.says(output, "a rehearsal of")
    last = rehearsed(case)
    case.check(last["how"] == "tried" and last["attempts"] >= 1 and last["blocks_ms"] > 0, f"it was tried and measured: {last}")
    load.wait_progress()
    case.stop_workload(load)
    case.check_nothing_happened(before)
    catalog_oracle.check(case.server, case.expected, case.database)
    case.check(not case.state_dir.exists(), "no state is left")
    run = case.start()
    case.expect_exit(run, 0)
    case.says(run.log(), "is expanded")
