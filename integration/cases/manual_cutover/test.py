def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("ready")
    # It stays ready while writes go on, and what is written is applied meanwhile.
    status = run.status()
    received = status["changes_received"]
    run.wait_status("changes while it is ready",
                    lambda now: now["changes_received"] > received + 100 and now["phase"] == "ready")
    case.check(not case.old_schemas(), "no swap before it is asked for")
    code, output = case.pgwraith("status")
    case.check(code == 0 and "ready" in output, f"status says that it is ready: {output}")
    case.succeeds("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
