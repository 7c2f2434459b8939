ARRAY_TYPE = "SELECT typname FROM pg_type WHERE oid = (SELECT typarray FROM pg_type WHERE oid = 't'::regtype)"


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    # PostgreSQL moves the live table's array type out of the way of what comes now: the plain table's as well.
    for database in (None, case.expected):
        name = case.psql(ARRAY_TYPE, database=database).strip()
        case.psql(f'CREATE VIEW "{name}" AS SELECT 1 AS one', database=database)
    case.succeeds("cutover")
    case.expect_exit(run, 0)
    # Its name is the next free one of the moment, as after any renaming.
    case.psql("ALTER TABLE t RENAME TO passing; ALTER TABLE passing RENAME TO t", database=case.expected)
    got, plain = (case.psql(ARRAY_TYPE, database=database).strip() for database in (None, case.expected))
    case.check(got == plain, f"the array type is called {got}, as PostgreSQL itself calls it: {plain}")
    case.psql("SELECT ARRAY[t] FROM t WHERE id = 1; SELECT '{}'::t[]")
    case.finish_success(run, [])
