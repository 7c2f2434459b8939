from servers import wait_until

# It waits for what `holder` has locked, behind the swap's commit.
WAITS = ("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pgwraith %' "
         "AND wait_event_type = 'Lock'")


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("ready")
    publication = case.superuser("SELECT quote_ident(pubname) FROM pg_publication")
    holder = case.session(user="postgres")
    holder.run("BEGIN")
    holder.run(f"COMMENT ON PUBLICATION {publication} IS 'keeps it from being dropped'")
    case.pgwraith("cutover")
    pid = wait_until("the clearing up to wait", lambda: case.superuser(WAITS))
    case.superuser(f"SELECT pg_terminate_backend({pid})")
    again = wait_until("another session to clear up", lambda: run.exited() or case.superuser(WAITS) not in ("", pid))
    case.check(again and not run.exited(), f"the run goes on until all is cleared up: {run.process.returncode}")
    holder.run("ROLLBACK")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
