from servers import wait_until


def hosts(case, standby, extra=""):
    both = [standby, case.server]
    names = ",".join(server.host.replace("/", "%2F") for server in both)
    ports = ",".join(str(server.port) for server in both)
    return f"postgresql://migrator@/{case.database}?host={names}&port={ports}{extra}"


def run(case):
    standby = case.server.standby()
    wait_until("the table on the standby", lambda: "t" in standby.psql(
        "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 't')", case.database))
    # Asking for one is a mistake.
    code, output = case.pgwraith("plan", config=case.write_config(connection=hosts(case, standby, "&target_session_attrs=standby")))
    case.check(code in (2, 3), f"target_session_attrs=standby: {code} {output}")
    case.says(output, "asks for a standby")

    # Nothing is said of the kind of server, and the standby comes first: the primary is found.
    code, output = case.pgwraith("plan", config=case.write_config(connection=hosts(case, standby)))
    case.check(code == 0, f"the primary is found: {code} {output}")

    # What the user says counts; then a session that another server answers is a failure that passes.
    standby.stop()
    config = case.write_config(connection=hosts(case, standby, "&target_session_attrs=any"),
                               cutover={"mode": "manual"}, reconnect={"give_up_after": "60s"})
    run = case.start(config)
    run.wait_phase("ready")
    standby._run()
    wait_until("the standby to answer", lambda: standby.psql("SELECT 1") == "1")
    run.post("/cutover")
    wait_until("the wrong server to be noticed", lambda: "is a standby" in run.log())
    case.check(not run.exited(), "it goes on")
    # A promoted one, while the old primary goes on: nothing is swapped, nothing hangs.
    standby.psql("SELECT pg_promote()")
    case.expect_exit(run, 4)
    case.says(run.log(), "timeline 2", "failed over")
    moved = case.server.psql("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^pgwraith_old'", case.database)
    case.check(moved == "0", "nothing was swapped")

    # With the standby gone, or as libpq is told by default, it carries on.
    code, output = case.pgwraith("abort", config=case.write_config())
    case.check(code == 0, f"abort: {output}")
