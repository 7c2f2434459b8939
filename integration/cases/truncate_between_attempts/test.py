ROWS = "SELECT i, 9999 - i, 5 FROM generate_series(0, 9999) AS i"


def run(case):
    case.make_reference()
    load = case.workload()
    holder = case.session()
    holder.run("BEGIN")
    holder.run("SELECT count(*) FROM t")
    run = case.start()
    run.wait_status("an attempt to be called off", lambda now: "attempt 1 was called off" in run.log())
    for sql in ("LOCK TABLE t, twin", "TRUNCATE t", "TRUNCATE twin", f"INSERT INTO t {ROWS}", f"INSERT INTO twin {ROWS}",
                "COMMIT"):
        holder.run(sql)
    run.wait_status("the copy to start over", lambda now: "copy starts over" in run.log())
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
