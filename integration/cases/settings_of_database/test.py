import signal

# In the old shape, so for both before the plain ALTER runs.
CHANGES = ("UPDATE t SET wall = wall + interval '1 day', said = '3/2/2003' WHERE n % 3 = 0;"
           "UPDATE t SET yes = NOT yes, cost = cost + 1::money, span = span - interval '1 day' WHERE n % 5 = 0;"
           "DELETE FROM t WHERE n % 7 = 1;"
           "INSERT INTO t SELECT at + interval '1 year', span, raw, day, yes, code, address, cost, wall, wall2, said, moment, length, bytes,"
           "  document, n FROM t WHERE n % 11 = 0")


def run(case):
    case.copy_database()
    case.check_plan()
    run = case.start()
    run.wait_phase("ready")
    # Somebody changes them midway, and the migration is carried on by another process.
    for setting in ("TimeZone = 'America/New_York'", "DateStyle = 'German'", "IntervalStyle = 'postgres_verbose'",
                    "app.tenant = 'nobody'"):
        case.superuser(f'ALTER ROLE migrator IN DATABASE "{case.database}" SET {setting}')
    run.signal(signal.SIGTERM)
    case.expect_exit(run, 4)
    for database in (case.database, case.expected):
        case.psql("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres';" + CHANGES, "app", database)
    case.alter_reference()
    run = case.start()
    run.wait_phase("ready")
    output = case.succeeds("verify", timeout=60)
    case.says(output, " 0 differences repaired")
    case.succeeds("cutover")
    case.expect_exit(run, 0)
    case.says(run.log(), "changed for our role in this database since the migration began: .*TimeZone")
    case.check("forty-two" not in run.log() and "nobody" not in run.log(), "a setting's value is not in the log")
    # To be read alike: the role's settings are others now.
    case.superuser(f'ALTER ROLE migrator IN DATABASE "{case.database}" RESET ALL')
    case.finish_success(run, same_data=True)
    case.check(case.superuser("SELECT count(*) FROM t WHERE tenant = 'forty-two'") == case.superuser("SELECT count(*) FROM t"),
               "current_setting() gave what it was at the beginning")
