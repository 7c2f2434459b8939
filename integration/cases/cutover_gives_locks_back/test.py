from servers import wait_until

# The swap's session waits for the lock on the child; whether it has the one on the table.
WAITING = """SELECT EXISTS (SELECT FROM pg_locks h WHERE h.pid = w.pid AND h.granted AND h.mode = 'AccessExclusiveLock'
                                                        AND h.relation IN ('t'::regclass, 'idle'::regclass))
               FROM pg_locks w WHERE NOT w.granted AND w.mode = 'AccessExclusiveLock' AND w.relation = 'child'::regclass"""


def run(case):
    case.make_reference()
    reader = case.session()
    writer = case.session()
    run = case.start()
    run.wait_phase("ready")
    reader.run("BEGIN")
    reader.run("SELECT count(*) FROM child")
    case.pgwraith("cutover")
    wait_until("the swap to wait for the child alone", lambda: case.superuser(WAITING) == "f")
    writer.run("UPDATE t SET a = -1 WHERE id = 1")
    case.check(not case.old_schemas(), "no swap while the child is read")
    reader.run("COMMIT")
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
    case.check(case.superuser("SELECT a FROM t WHERE id = 1") == "-1", "what was written meanwhile is there")
