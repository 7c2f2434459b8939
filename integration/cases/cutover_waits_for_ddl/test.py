from servers import wait_until

WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 't'::regclass AND mode = 'AccessExclusiveLock')"


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    deployment = case.session("migrator")
    deployment.run("BEGIN; SELECT count(*) FROM t")
    case.pgwraith("cutover")
    wait_until("the swap to wait for the table", lambda: case.superuser(WAITING) == "t")
    deployment.run("ANALYZE p")  # SHARE UPDATE EXCLUSIVE, which the swap keeps
    deployment.run("COMMIT")
    case.expect_exit(run, 0)
    case.finish_success(run)
    case.says(run.log(), "waits for a lock of ours")
    found = [line for line in case.server.log_text().splitlines() if f" {case.database} " in line and "deadlock detected" in line]
    case.check(not found, f"the server found no deadlock: {found}")
