"""A new slot gathers the transactions that run, in two steps: held there, so that things happen in between."""

from servers import wait_until


def _begin(case):
    session = case.session("migrator")
    session.run("SET synchronous_commit = local")
    session.run("BEGIN")
    return session, session.run("SELECT pg_current_xact_id()")


def _waits_for(case, xid):
    wait_until(f"the walsender to wait for {xid}", lambda: case.superuser(
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.backend_type = 'walsender' "
        f"AND NOT l.granted AND l.transactionid::text = '{xid}'") == "1")


def held_slot(case):
    """Starts a run whose slot waits for a transaction. Returns the run and what ends that transaction."""
    writer, xid = _begin(case)
    run = case.start()
    _waits_for(case, xid)
    return run, lambda: writer.run("COMMIT")


def consistent_slot_with_writer(case, in_first_step, writes):
    """Starts a run; `in_first_step` commits while the slot gathers. Returns the run and a session that did `writes`
    in a transaction which began before the slot's consistent point, and is still open."""
    first, first_xid = _begin(case)
    run = case.start()
    _waits_for(case, first_xid)
    second, second_xid = _begin(case)
    case.psql(in_first_step)
    first.run("COMMIT")
    _waits_for(case, second_xid)
    writer, _ = _begin(case)
    writer.run(writes)
    second.run("COMMIT")
    wait_until("the slot to be consistent", lambda: case.superuser(
        f"SELECT count(*) FROM pg_replication_slots WHERE database = '{case.database}' "
        "AND confirmed_flush_lsn IS NOT NULL") == "1")
    return run, writer
