from servers import wait_until


def waits(case, who, table):
    return case.superuser(f"""
        SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE NOT l.granted AND l.relation = '{table}'::regclass AND a.application_name LIKE '{who}%'""") == "1"


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    first, second = case.session("migrator"), case.session("migrator")
    first.run("BEGIN; ANALYZE q")
    second.run("BEGIN; ANALYZE t")
    case.pgwraith("cutover")
    wait_until("the swap to have p and to wait for q", lambda: waits(case, "pgwraith", "q"))
    second.send("ANALYZE p")  # from now on it is looked for deadlocks
    wait_until("it to wait for the swap", lambda: waits(case, "psql", "p"))
    first.run("COMMIT")
    answer = second.answer()
    case.check("ERROR" not in answer, f"no error: {answer}")
    second.run("COMMIT")
    case.expect_exit(run, 0)
    case.finish_success(run)
    case.says(run.log(), "public.t is held by .*, and waits for a lock of ours")
    found = [line for line in case.server.log_text().splitlines() if f" {case.database} " in line and "deadlock detected" in line]
    case.check(not found, f"the server found no deadlock: {found}")
