from servers import wait_until

# It is the first of its round: the others would not be waited for that long.
WAITING = """SELECT EXISTS (SELECT FROM pg_locks w JOIN pg_locks h USING (pid)
              WHERE NOT w.granted AND w.relation = 'part_2'::regclass AND w.waitstart < clock_timestamp() - interval '300 ms'
                AND h.granted AND h.relation = 'part_1'::regclass AND h.mode = 'AccessExclusiveLock')"""


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    reader = case.session()
    reader.run("BEGIN; SELECT FROM part_2 LIMIT 1")
    case.pgwraith("cutover")
    wait_until("the swap to have the first partition and to wait for the second", lambda: case.superuser(WAITING) == "t")
    reader.run("SELECT FROM part_1 LIMIT 1")
    reader.run("COMMIT")
    case.expect_exit(run, 0)
    case.finish_success(run)
    case.check("was called off" not in run.log(), "the attempt went on")
    found = [line for line in case.server.log_text().splitlines() if f" {case.database} " in line and "deadlock detected" in line]
    case.check(not found, f"the server found no deadlock: {found}")
