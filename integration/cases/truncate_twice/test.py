from servers import wait_until


def again(n):
    rows = f"SELECT i, 9999 - i, {n} FROM generate_series(0, 9999) AS i"
    return ("BEGIN; LOCK TABLE t, twin; TRUNCATE t; TRUNCATE twin; "
            f"INSERT INTO t {rows}; INSERT INTO twin {rows}; COMMIT")


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    case.wait_held(run)
    shadow = case.superuser("SELECT format('%I.t', nspname) FROM pg_namespace WHERE nspname LIKE 'pgwraith\\_new%'")
    emptied = None
    for turn in (1, 2):
        # Rows of this copy, not of the one that the last TRUNCATE made worthless.
        wait_until("rows to be copied", lambda: case.superuser(
            f"SELECT pg_relation_filenode('{shadow}') IS DISTINCT FROM {emptied or 'NULL'} AND EXISTS (SELECT FROM {shadow})") == "t")
        emptied = case.superuser(f"SELECT pg_relation_filenode('{shadow}')")
        case.psql(again(turn), "app")
        case.hold_copy(3)  # the chunks that go on now are the first that can notice it
        run.wait_status("the copy to start over", lambda now: run.log().count("copy starts over") == turn)
    case.release_copy()
    # And one of nothing but the TRUNCATE, twice in one transaction.
    run.wait_phase("ready")
    case.psql("BEGIN; LOCK TABLE t, twin; TRUNCATE t, twin; INSERT INTO t VALUES (1, 1, 1); TRUNCATE t; COMMIT", "app")
    run.wait_status("the copy to start over", lambda now: run.log().count("copy starts over") == 3)
    run.wait_status("ready again", lambda now: now["phase"] == "ready")
    rows = "SELECT i, i, 3 FROM generate_series(0, 999) AS i"
    case.psql(f"BEGIN; LOCK TABLE t, twin; INSERT INTO t {rows}; INSERT INTO twin {rows}; COMMIT", "app")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
