from servers import wait_until


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    case.psql("ALTER TABLE t ADD COLUMN meanwhile int; GRANT SELECT ON t TO pg_monitor")
    wait_until("it is said", lambda: "column meanwhile appeared" in run.log() and "pg_monitor" in run.log(), 10)
    case.says(run.log(), "nothing will be swapped unless it is undone", "The swap takes that along")
    case.psql("DROP INDEX IF EXISTS nothing; CREATE INDEX intruder ON t (n)")
    wait_until("that too", lambda: "index intruder appeared" in run.log(), 10)
    case.psql("ALTER TABLE t DROP COLUMN meanwhile; DROP INDEX intruder; REVOKE ALL ON t FROM pg_monitor")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run)
