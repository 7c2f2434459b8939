import signal

from servers import wait_until


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    # In one transaction, so that the row is never applied under the function by which it was stored.
    case.psql("BEGIN; UPDATE t SET n = 7 WHERE id = 20; "
              "CREATE OR REPLACE FUNCTION ok(x int) RETURNS boolean LANGUAGE sql AS 'SELECT x < 10'; COMMIT")
    wait_until("the CHECK is set aside", lambda: "do not meet its own CHECK" in run.log())
    run.signal(signal.SIGKILL)
    run.wait()
    run = case.start()
    run.wait_phase("ready")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.says(run.log(), "is NOT VALID on the new table")
    case.check(case.psql("SELECT n FROM t WHERE id = 20") == "7", "the changed row is there")
    case.psql("CREATE OR REPLACE FUNCTION ok(x int) RETURNS boolean LANGUAGE sql AS 'SELECT x < 10'", database=case.expected)
    case.check_same_schema()
