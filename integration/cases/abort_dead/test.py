import signal


def run(case):
    before = case.server.dump_schema(case.database)
    load = case.workload()
    run = case.start()
    run.wait_phase("copy")
    run.signal(signal.SIGKILL)
    run.wait()
    code, output = case.pgwraith("abort")
    case.check(code == 0, f"abort exits 0, not {code}: {output}")
    case.says(output, "slot", "publication", "schema|table")
    case.check_nothing_happened(before)
    case.check(not (case.state_dir / "store").exists(), "no store remains")
    code, output = case.pgwraith("abort")
    case.check(code == 0, f"a second abort exits 0, not {code}")
    case.says(output, "nothing")
    case.stop_workload(load)
    case.check_twin()
