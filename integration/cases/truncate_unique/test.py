AGAIN = "SELECT i + 100000, i, 1 FROM generate_series(0, 9999) AS i"


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("ready")
    # The keys are new and the codes are not: in the shadow they still belong to rows that no change takes out.
    case.psql(f"BEGIN; LOCK TABLE t, twin; TRUNCATE t; TRUNCATE twin; INSERT INTO t {AGAIN}; INSERT INTO twin {AGAIN}; "
              "COMMIT", "app")
    run.wait_status("the copy to start over", lambda now: "copy starts over" in run.log())
    run.wait_status("ready again", lambda now: now["phase"] == "ready")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
