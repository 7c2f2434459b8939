from servers import wait_until


def run(case):
    standby = case.server.standby()
    case.make_reference()
    load = case.workload(rate=100)
    run = case.start()
    case.wait_held(run)
    standby.psql("SELECT pg_wal_replay_pause()")
    status = run.wait_status("the throttle", lambda now: "behind" in (now["throttled"] or "") and now["phase"] == "copy")
    case.says(status["throttled"], "standby|replica|lag")
    copied = run.status()["rows_copied"]
    case.release_copy()
    # Changes and acknowledgements go on: the slot's position passes where the server is now.
    lsn = case.superuser("SELECT pg_current_wal_lsn()")
    slot = (f"SELECT coalesce(bool_and(confirmed_flush_lsn >= '{lsn}'), false) FROM pg_replication_slots "
            f"WHERE database = '{case.database}' AND slot_name LIKE 'pgwraith%'")
    wait_until("the slot to be acknowledged while the copy waits", lambda: case.superuser(slot) == "t")
    later = run.status()
    case.check(later["phase"] == "copy" and later["throttled"], f"it still waits: {later}")
    # Chunks that had begun may have ended since; no new one began.
    case.check(later["rows_copied"] <= copied + 4000, f"the copy stands: {copied} {later['rows_copied']}")
    # Much WAL is written now; the slot keeps none of what was before the pause, and little of that.
    case.superuser("SELECT count(pg_logical_emit_message(false, 'ballast', repeat('x', 1000000))) FROM generate_series(1, 64)")
    case.superuser("CHECKPOINT")
    retained = (f"SELECT restart_lsn > '{lsn}' AND pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) < 32e6 "
                f"FROM pg_replication_slots WHERE database = '{case.database}'")
    wait_until("retained WAL to be flat", lambda: case.superuser(retained) == "t", 30)
    case.check(run.status()["throttled"], "the copy still waits")
    standby.psql("SELECT pg_wal_replay_resume()")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
