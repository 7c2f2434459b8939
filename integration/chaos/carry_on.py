"""The same command after a stop: with other settings, other servers, or over what stands already."""

import json

from servers import HOST_VERSION, Server, as_server_user, checked, wait_until


def _changed_meanwhile(case):
    case.psql("BEGIN; UPDATE t SET a = a + 1 WHERE id % 3 = 0; UPDATE twin SET a = a + 1 WHERE id % 3 = 0; COMMIT", "app")


def _refused(case, code, attempts):
    """Runs (what each says, its settings) that are refused, and leave the database and the state as they are."""
    before, shadow = case.server.dump_schema(case.database), case.shadow()
    rows = case.superuser(f"SELECT count(*) FROM {shadow}")
    for says, settings in attempts:
        got, output = case.pgwraith("run", config=case.write_config("other.yaml", **settings))
        case.check(got == code, f"exit {code}, not {got}: {output}")
        case.says(output, *says, "pgwraith abort")
    case.check(case.server.dump_schema(case.database) == before, "the database is as it was")
    case.check(case.superuser(f"SELECT count(*) FROM {shadow}") == rows, "the shadow has the rows that it had")
    case.check(case.superuser(f"SELECT count(*) FROM pg_replication_slots WHERE database = '{case.database}'") == "1",
               "the slot is kept")
    case.check((case.state_dir / "store").is_dir(), "the store is kept")


def _carries_on(case, run):
    case.says(run.log(), "carrying on an earlier migration, in phase copy")
    case.says(run.log(), "[1-9][0-9,]* of [0-9,]+ blocks were copied earlier")


def changed_settings(case):
    load = case.clients()
    case.must_crash("chunk.done:4")
    sql = case.text("change.sql") + "CREATE INDEX t_n ON public.t (n);\n"
    _refused(case, 3, [
        (["`sql` is not what", "Put it back"], {"sql": sql}),
        (["`sql` is not what", "Put it back"], {"sql": ""}),
        (["`values` is not what", "Put it back"], {"values": {"status": "'old'"}}),
        (["`table` is not what", r'of "public"\."t"', "Put it back", "state_dir"], {"table": "public.twin"}),
    ])
    # What may change.
    case.write_config(throttle={"idle_ratio": 0.5, "max_replica_lag": "20s"}, copy={"workers": 3, "chunk_target": "50ms"},
                      build={"workers": 1}, apply={"workers": 1}, cutover={"mode": "manual", "lock_timeout": "200ms"})
    run = case.start()
    run.wait_phase("ready", 60)
    _carries_on(case, run)
    run.stop()
    case.write_config()
    case.run_to_end()
    case.judge(load)


def _indexes(case, table, valid="indisvalid"):
    rows = case.superuser(f"SELECT json_object_agg(indexrelid::regclass::oid, relname) FROM pg_index JOIN pg_class c "
                          f"ON c.oid = indexrelid WHERE indrelid = '{table}'::regclass AND {valid}")
    return json.loads(rows or "{}")


def indexes_kept(point, at_least):
    def test(case):
        load = case.clients()
        case.must_crash(point)
        # A session of the dead process may be at another one still.
        wait_until("the dead process's sessions to end", lambda: not case.backend_pids("pgwraith build%"))
        kept = _indexes(case, case.shadow())
        case.check(len(kept) >= at_least, f"at least {at_least} indexes stand: {kept}")
        case.run_to_end()
        now = _indexes(case, "t")
        case.check(kept.items() <= now.items(), f"an index that stands is kept: {kept}, now {now}")
        case.notes.append(f"{len(kept)} of {len(now)} kept")
        case.judge(load)
    return test


def invalid_index(case):
    """One that stands and is not valid is made anew, the others are kept."""
    load = case.clients()
    case.must_crash("build.index:3")
    wait_until("the dead process's sessions to end", lambda: not case.backend_pids("pgwraith build%"))
    stood = _indexes(case, case.shadow())
    broken = next(oid for oid, name in stood.items() if name == "t_pkey")
    case.superuser(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = {broken}")
    case.run_to_end()
    now = _indexes(case, "t", "true")
    kept = {oid: name for oid, name in stood.items() if oid != broken}
    case.check(kept and kept.items() <= now.items(), f"those that are valid are kept: {stood}, now {now}")
    case.check(broken not in now and "t_pkey" in now.values(), f"t_pkey ({broken}) was made anew: {now}")
    case.check(_indexes(case, "t") == now, "all are valid")
    case.judge(load)


def server_gone(case):
    case.hold_copy(3)
    run = case.start(case.write_config())
    case.wait_held(run)
    case.server.stop("fast")
    case.expect_exit(run, 4, 30)
    case.says(run.log(), "gave up after 2s", "the state is kept", "run the same command again")
    case.check((case.state_dir / "store").is_dir(), "the store is kept")
    # Who comes while it is away knows of the migration, and waits as long.
    run = case.start()
    case.expect_exit(run, 4, 30)
    case.says(run.log(), "gave up after 2s", "the state is kept")
    case.server._run()
    _changed_meanwhile(case)
    case.release_copy()
    case.write_config(cutover={"mode": "auto"})
    run = case.run_to_end()
    _carries_on(case, run)
    case.judge()


def verification_held(case):
    load = case.clients(rate=50)
    run = case.start()
    run.wait_phase("ready", 60)
    code, answer = run.post("/pause")
    case.check(code == 200, f"/pause answers 200, not {code}: {answer}")
    before = run.status()["verifications"]
    code, answer = run.post("/verify")
    case.check(code == 202, f"/verify answers 202, not {code}: {answer}")
    held = run.wait_status("the verification to be held", lambda now: now["phase"] == "verify" and now["throttled"])
    case.says(held["throttled"], "paused by the operator")
    # A range that was under way may still end; none was, and no other begins.
    wait_until("the figures to be this verification's", lambda: run.status()["rows_verified"] == 0, 5)
    load.wait_progress()
    now = run.status()
    case.check(now["phase"] == "verify" and now["rows_verified"] == 0 and now["shadow_rows_verified"] == 0 and
               now["throttled"] == held["throttled"] and now["verifications"] == before, f"nothing is compared: {now}")
    case.check(now["changes_received"] > held["changes_received"] and now["changes_applied"] > held["changes_applied"],
               f"changes are received and applied all the same: {held}, {now}")
    code, answer = run.post("/resume")
    case.check(code == 200, f"/resume answers 200, not {code}: {answer}")
    now = run.wait_status("the verification's end", lambda now: now["phase"] == "ready" and not now["throttled"])
    case.check(now["verifications"] == before + 1 and now["last_verification"]["rows_live"] > 6000, f"it went on to its end: {now}")
    code, output = case.pgwraith("cutover")
    case.check(code == 0, f"cutover exits 0, not {code}: {output}")
    case.expect_exit(run, 0, 60)
    case.judge(load)


def _unrelated_server(case):
    """Not from the template, whose servers have one system identifier."""
    server = Server(case.scratch, case.scratch.new_dir("unrelated"), HOST_VERSION, {})
    case.scratch.servers.append(server)
    server.host = str(server.dir)
    checked(as_server_user([*server.bin("initdb"), "-D", str(server.data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                            "--locale=C.UTF-8", "--no-sync"]))
    server._write_conf()
    server._run()
    server._make_roles()
    return server


def other_server(case):
    case.must_crash("chunk.done:4")
    oid = case.superuser("SELECT oid FROM pg_database WHERE datname = current_database()")
    unrelated, beside = _unrelated_server(case), case.database + "_beside"
    unrelated.psql(f'CREATE DATABASE "{case.database}" OWNER migrator OID = {oid}')
    case.server.psql(f'CREATE DATABASE "{beside}" OWNER migrator')
    attempts = []
    for server, database in ((unrelated, case.database), (case.server, beside)):
        server.psql(case.text("schema.sql"), database, "migrator")
        attempts.append((["another server or database", "`connection`", "state_dir"], {"connection": server.uri(database, "migrator")}))
    _refused(case, 4, attempts)
    for server, database in ((unrelated, case.database), (case.server, beside)):
        made = server.psql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pgwraith%' UNION ALL "
                           "SELECT pubname FROM pg_publication UNION ALL "
                           "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()", database)
        case.check(made == "", f"nothing was made there: {made}")
    unrelated.stop("immediate")
    case.server.psql(f'DROP DATABASE "{beside}"')
    _changed_meanwhile(case)
    run = case.run_to_end()
    _carries_on(case, run)
    case.judge()


def tests(quick):
    del quick
    one, two = {"settings": {"build": {"workers": 1}}}, {"settings": {"build": {"workers": 2}}}
    return [
        ("carry on: changed settings", changed_settings, {}),
        ("carry on: indexes that stand", indexes_kept("build.index:3", 3), one),
        ("carry on: indexes that stand, two workers", indexes_kept("build.index:2", 2), two),
        ("carry on: constraints that stand", indexes_kept("build.constraints", 4), one),
        ("carry on: an EXCLUDE constraint that stands", indexes_kept("build.after_statement", 5), one),
        ("carry on: an index that is not valid", invalid_index, one),
        ("carry on: the server gone for good", server_gone,
         {"own_server": {}, "settings": {"cutover": {"mode": "manual"}, "reconnect": {"give_up_after": "2s"}}}),
        ("carry on: verification held", verification_held, {"settings": {"cutover": {"mode": "manual"}}}),
        ("carry on: another server", other_server, {}),
    ]
