def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("ready")
    shadow = f"pgwraith_new_{case.psql('SELECT $$t$$::regclass::oid')}.t"
    case.superuser(f"DELETE FROM {shadow}")
    # Rows that are repaired change at the same time: no change may get lost over its repair.
    code, output = case.pgwraith("verify", timeout=60)
    case.check(code == 0, f"verify exits 0, not {code}: {output}\n{run.log()[-1500:]}")
    case.says(output, "[0-9]{2},[0-9]{3} differences repaired")
    output = case.succeeds("verify", timeout=60)
    case.says(output, " 0 differences repaired")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
