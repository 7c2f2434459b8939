import signal

import catalog_oracle
from borrowed import identity
from case import plan_in


def run(case):
    before = case.server.dump_schema(case.database)
    case.copy_database()
    load = case.workload()
    run = case.start(command="rehearse")
    run.wait_phase("copy")
    case.check(identity(case) == "i t_identity", f"borrowed meanwhile: {identity(case)}")
    run.signal(signal.SIGKILL)
    run.wait()
    run = case.start(command="rehearse --json")
    case.expect_exit(run, 0)
    report = plan_in(run.log())
    case.check(report["succeeded"] and report["gone_back"], f"it came to its end and went back: {report}")
    case.says(report["steps"][0]["note"], r"\d+ .*that would follow are not tried")
    case.check(identity(case) == "d", f"given back: {identity(case)}")
    case.check_nothing_happened(before)
    catalog_oracle.check(case.server, case.expected, case.database)
    case.check(not case.state_dir.exists(), "no state is left")
    case.alter_reference()
    run = case.start()
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
    case.check(identity(case) == "d", "the new table has what the old one had")
