def run(case):
    case.copy_database()
    run = case.start()
    case.expect_exit(run, 4)
    case.says(run.log(), "t_lower", "could not create unique index|duplicate", "same command carries on")
    case.check(case.superuser("SELECT count(*) FROM pg_class WHERE relname = 't_lower'") == "0", "no index is left")
    for database in (case.database, case.expected):
        case.psql("DELETE FROM t WHERE id IN (0, 19999); DELETE FROM twin WHERE id IN (0, 19999)", database=database)
    case.alter_reference()
    run = case.start()
    case.expect_exit(run, 0)
    case.options["twin"] = ["SELECT id, n, pad FROM t", "SELECT id, n, pad FROM twin"]
    case.finish_success(run, same_data=True)
