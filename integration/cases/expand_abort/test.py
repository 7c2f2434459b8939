import signal


def run(case):
    before = case.server.dump_schema(case.database)
    load = case.workload(name="old")
    # In the midst of filling, by the process itself.
    run = case.start()
    run.wait_status("old rows are filled", lambda status: "fill" in status["activity"])
    got, output = case.pgwraith("abort")
    case.check(got == 0, f"abort of a running one exits 0: {output}")
    case.expect_exit(run, 5)
    case.check_nothing_happened(before)
    # Of one that was killed.
    run = case.start()
    run.wait_status("old rows are filled", lambda status: "fill" in status["activity"])
    run.signal(signal.SIGKILL)
    run.wait()
    got, output = case.pgwraith("abort")
    case.check(got == 0, f"abort of a dead one exits 0: {output}")
    case.check_nothing_happened(before)
    # Of one that stands.
    quick = case.write_config("quick.yaml", throttle={"idle_ratio": 0}, copy={"workers": 2, "chunk_max_bytes": "32MiB"})
    case.expect_exit(case.start(quick), 0)
    got, output = case.pgwraith("abort")
    case.check(got == 0, f"abort of an expanded one exits 0: {output}")
    case.check_nothing_happened(before)
    load.wait_progress()
    case.stop_workload(load)
    # What is contracted is not taken back.
    case.expect_exit(case.start(quick), 0)
    got, output = case.pgwraith("contract")
    case.check(got == 0, f"contract exits 0: {output}")
    got, output = case.pgwraith("abort")
    case.check(got == 0, f"abort after it exits 0: {output}")
    case.says(output, "new shape")
    case.check(case.psql("SELECT count(handle) > 0 FROM t") == "t", "the new columns stay")
