from invisible import set_standby_names
from servers import wait_until


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    set_standby_names(case.server, "ANY 1 (*)")
    status = run.wait_status("the pattern to be noticed", lambda now: "synchronous standby" in (now["throttled"] or ""))
    case.says(status["throttled"], "ANY 1 \\(\\*\\)")
    wait_until("the stream to be no synchronous standby", lambda: case.superuser(
        "SELECT count(*) FROM pg_stat_replication WHERE application_name LIKE 'pgwraith%' AND flush_lsn IS NULL") == "1")
    session = case.session()
    session.run("SET synchronous_commit = on")
    session.run("BEGIN")
    session.run("UPDATE t SET n = 7 WHERE id = 1")
    session.run("UPDATE twin SET n = 7 WHERE id = 1")
    received = run.status()["changes_received"]
    session.send("COMMIT")
    run.wait_status("the change in the stream", lambda now: now["changes_received"] > received)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    told = case.superuser("SELECT max(reply_time) FROM pg_stat_replication")
    wait_until("another answer of the stream", lambda: case.superuser("SELECT max(reply_time) FROM pg_stat_replication") > told)
    case.check(case.superuser(waiting) == "1", "nobody has confirmed the commit")
    set_standby_names(case.server, "")
    session.answer()
    run.wait_status("the stream to be acknowledged again", lambda now: not now["throttled"])
    case.check(case.pgwraith("cutover")[0] == 0, "cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
