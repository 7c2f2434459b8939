WHOLE = "BEGIN; LOCK TABLE t; TRUNCATE t; INSERT INTO t VALUES (1, 1, -1); ROLLBACK"
PART = ("BEGIN; LOCK TABLE t, twin; SAVEPOINT s; TRUNCATE t; INSERT INTO t VALUES (1, 1, -1); ROLLBACK TO s; "
        "DELETE FROM t WHERE id = 1; DELETE FROM twin WHERE id = 1; "
        "INSERT INTO t VALUES (1, 1, 77); INSERT INTO twin VALUES (1, 1, 77); COMMIT")


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    case.wait_held(run)
    case.psql(WHOLE, "app")
    case.psql(PART, "app")
    case.release_copy()
    run.wait_phase("ready")
    case.psql(WHOLE, "app")
    case.psql(PART, "app")
    # Everything up to here is compared once more, and then swapped.
    verified = run.status()["verifications"]
    code, answer = run.post("/verify")
    case.check(code == 202, f"/verify answers 202, not {code}: {answer}")
    run.wait_status("the verification", lambda now: now["verifications"] > verified and now["phase"] == "ready")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.check("starts over" not in run.log(), "nothing starts over")
    case.finish_success(run, [load])
