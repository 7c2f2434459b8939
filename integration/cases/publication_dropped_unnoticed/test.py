import threading

from servers import wait_until

PUBLISHED = "SELECT count(*) FROM pg_publication_rel"


def ready_and_stopped(case):
    run = case.start()
    run.wait_phase("ready")
    run.stop()


def aborts(case):
    case.succeeds("abort")
    case.check_clean()


def run(case):
    # The lock on a catalog keeps new connections waiting when the server has to read its catalogs anew, as after a
    # vacuum of them: so there is none, and nothing is asked by a new connection.
    watcher = case.session("postgres")
    # A backend reads which publications have the table, then (here it is held) those of the schema and of all tables,
    # and then looks up each of them.
    ready_and_stopped(case)
    gate, client = case.session("postgres"), case.session()
    gate.run("BEGIN; LOCK TABLE pg_publication_namespace IN ACCESS EXCLUSIVE MODE")
    client.send("UPDATE t SET a = a + 1 WHERE id = 1")
    wait_until("the client looks up publications", lambda: watcher.run(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'pg_publication_namespace'::regclass") == "1")
    abort = threading.Thread(target=aborts, args=(case,))
    abort.start()
    wait_until("the table is no longer published", lambda: watcher.run(PUBLISHED) == "0")
    gate.run("COMMIT")
    answer = client.answer()
    abort.join()
    case.check("ERROR" not in answer, f"the client's UPDATE passes: {answer}")
    case.check_clean()

    ready_and_stopped(case)
    vacuum = case.session("migrator")
    vacuum.run("BEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE")
    code, output = case.pgwraith("abort")
    case.check(code == 4, f"abort exits 4, not {code}: {output}")
    case.says(output, "the abort did not finish", r"public\.t is held by pid \d+ \(migrator", "run the same command again")
    case.check("publication" in case.leftovers() and "slot" not in case.leftovers(), f"the slot is gone: {case.leftovers()}")
    vacuum.run("COMMIT")
    aborts(case)
