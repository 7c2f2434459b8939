ARRAY_TYPE = "SELECT typname FROM pg_type WHERE oid = (SELECT typarray FROM pg_type WHERE oid = 't'::regtype)"


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    # PostgreSQL moves the live table's array type out of the way of what comes now: the plain table's as well.
    for database in (None, case.expected):
        name = case.psql(ARRAY_TYPE, database=database).strip()
        case.psql(f'CREATE VIEW "{name}" AS SELECT 1 AS one', database=database)
    code, output = case.pgwraith("cutover")
    case.check(code == 0, f"cutover exits 0, not {code}: {output}")
    case.expect_exit(run, 0)
    case.check(case.psql(ARRAY_TYPE) == case.psql(ARRAY_TYPE, database=case.expected),
               "the array type is called as the plain statement leaves it")
    case.psql("SELECT ARRAY[t] FROM t WHERE id = 1; SELECT '{}'::t[]")
    case.finish_success(run, [])
