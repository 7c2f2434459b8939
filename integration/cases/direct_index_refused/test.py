def run(case):
    case.copy_database()
    # A duplicate that nobody sees when it is looked for, and the build finds.
    application = case.session()
    application.run("BEGIN")
    application.run("INSERT INTO t (id, n, pad) VALUES (19999, 0, repeat('p', 100))")
    run = case.start()
    run.wait_until("the build to wait for the writer", lambda: "waiting for pid" in (run.status() or {}).get("activity", ""))
    application.run("COMMIT")
    case.expect_exit(run, 4)
    case.says(run.log(), r"t_lower: 1 value of \(lower\(.*\)\) occurs more than once .*\(id\) = \(0\) and \(19999\)", "same command carries on")
    case.check(case.superuser("SELECT count(*) FROM pg_class WHERE relname = 't_lower'") == "0", "no index is left")
    case.psql("DELETE FROM t WHERE id = 19999")
    case.alter_reference()
    run = case.start()
    case.expect_exit(run, 0)
    case.options["twin"] = ["SELECT id, n, pad FROM t", "SELECT id, n, pad FROM twin"]
    case.finish_success(run, same_data=True)
