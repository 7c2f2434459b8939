def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("ready")
    # Paused, the verification has begun but compared nothing yet.
    case.pgwraith("pause")
    code, answer = run.post("/verify")
    case.check(code == 202, f"/verify answers 202, not {code}: {answer}")
    run.wait_status("the verification to begin", lambda now: now["phase"] == "verify")
    case.psql("BEGIN; LOCK TABLE t, twin; TRUNCATE t; TRUNCATE twin; INSERT INTO t VALUES (1, 1, 'x'); "
              "INSERT INTO twin VALUES (1, 1, 'x'); COMMIT", "app")
    case.pgwraith("resume")
    run.wait_status("the copy to start over", lambda now: "copy starts over" in run.log())
    run.wait_status("ready again", lambda now: now["phase"] == "ready")
    case.check("no change of it is pending" not in run.log(), "no row is called a difference")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
