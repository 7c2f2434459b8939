"""Commits that wait for a synchronous standby which never answers: decoded already, visible to nobody."""

from servers import HarnessError, wait_until


def set_standby_names(server, value):
    server.psql(f"ALTER SYSTEM SET synchronous_standby_names = '{value}'")
    server.psql("SELECT pg_reload_conf()")
    wait_until("the server to take the setting",
               lambda: server.psql("SHOW synchronous_standby_names") == value)


def hang_commits(case, transactions):
    """Each transaction (a list of statements) in a session of its own, left waiting in its COMMIT."""
    set_standby_names(case.server, "nobody")
    sessions = []
    for statements in transactions:
        session = case.session()
        session.run("SET synchronous_commit = on")
        session.run("BEGIN")
        for statement in statements:
            session.run(statement)
        session.send("COMMIT")
        sessions.append(session)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    wait_until("the commits to wait", lambda: case.superuser(waiting) == str(len(sessions)))
    return sessions


def release(case, sessions):
    set_standby_names(case.server, "")
    for session in sessions:
        session.answer()


def give_time_to_copy(case, run):
    """Either the program (or the server for it) waits for the commits, or it copies what it must not trust: gives it
    the time to show which."""
    try:
        run.wait_status("the copy's end", lambda now: now["phase"] not in ("prepare", "copy"), case.time_to_go_wrong())
        case.notes.append("did not wait for the commits")
    except HarnessError:
        case.check(not run.exited(), "it still runs")
        case.notes.append("waited for the commits")


def both(*statements):
    return [statement.replace("TABLE", table) for statement in statements for table in ("t", "twin")]


TRANSACTIONS = [
    both("UPDATE TABLE SET n = 11 WHERE id = 1"),
    both("DELETE FROM TABLE WHERE id = 2"),
    both("INSERT INTO TABLE VALUES (100001, 13, 'new')"),
    both("UPDATE TABLE SET id = 100002, n = 14 WHERE id = 3"),
    both("DELETE FROM TABLE WHERE id = 4", "INSERT INTO TABLE VALUES (4, 15, 'again')"),
]
