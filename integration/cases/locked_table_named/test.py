from servers import wait_until

HELD = r"lock timeout after 5(\.\d)?s: public\.t is held by pid {}"


def run(case):
    holder = case.session("migrator")
    pid = holder.run("SELECT pg_backend_pid()").strip()
    holder.run("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
    status, output = case.pgwraith("plan")
    case.check(status == 3, f"plan exits 3, not {status}: {output}")
    case.says(output, "the plan could not be made", HELD.format(pid))
    run = case.start()
    wait_until("run to say who it is", lambda: f"is held by pid {pid}" in run.log(), 20)
    holder.run("COMMIT")
    run.wait_phase("ready")
    view = case.superuser("SELECT min(ev_class::regclass::text) FROM pg_rewrite w JOIN pg_depend d ON d.objid = w.oid"
                          " WHERE d.refobjid = 'public.t'::regclass AND rulename = '_RETURN'")
    holder.run(f"BEGIN; ALTER VIEW {view} OWNER TO CURRENT_USER")
    case.pgwraith("cutover")
    wait_until("the cutover to say who it is", lambda: "it could not be planned" in run.log(), 30)
    case.says(run.log(), f"it could not be planned, because the table, or what hangs on it, is locked: public.{view} is held by pid {pid}")
    holder.run("COMMIT")
    case.expect_exit(run, 0)
    case.check_clean()
