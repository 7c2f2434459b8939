from servers import wait_until


def run(case):
    ours = "SELECT count(*) FROM pg_replication_origin WHERE roname LIKE 'pgwraith%'"
    # What the walsender read of transactions that it had to decode: the copy's would be among them.
    decoded = "SELECT coalesce(sum(total_txns), 0) FROM pg_stat_replication_slots WHERE slot_name LIKE 'pgwraith%'"
    case.make_reference()
    blocks = int(case.superuser("SELECT pg_relation_size('t') / 8192"))
    run = case.start(command="run --log-level debug")
    # The first stream carries everything up to the present; what is copied beside it is decoded.
    case.wait_held(run)
    run.wait_until("the stream that leaves out our writes", lambda: "without our own writes" in run.log())
    case.release_copy()
    run.wait_phase("ready")
    case.check(case.superuser(ours) != "0", "the sessions that write the shadow have origins")
    case.check("anew" not in run.log() and run.status()["reconnects"] == 0, "nothing in the way so far")
    case.check(blocks > 500, f"chunks of one block each: {blocks}")
    case.check(int(case.superuser(decoded)) < blocks / 4, f"the copy was not decoded: {case.superuser(decoded)} transactions were")
    load = case.workload()
    load.wait_progress()
    # As a subscription's apply worker: an origin of its own, seconds after the stream began to leave out origins.
    other = case.session("postgres")
    other.run("SELECT pg_replication_origin_create('of_somebody_else')")
    other.run("SELECT pg_replication_origin_session_setup('of_somebody_else')")
    for table in ("t", "twin"):
        other.run(f"UPDATE {table} SET n = n + 1000 WHERE id > 15000")
    run.wait_status("a new stream", lambda now: now["reconnects"] >= 1)
    case.says(run.log(), "replication origin of somebody else appeared")
    run.wait_phase("ready")
    for table in ("t", "twin"):
        other.run(f"DELETE FROM {table} WHERE id > 19000")
    other.close()
    wait_until("the origin to be free", lambda: case.superuser(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DELETE FROM twin%'") == "0")
    case.superuser("SELECT pg_replication_origin_drop('of_somebody_else')")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
