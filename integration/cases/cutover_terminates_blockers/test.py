from servers import wait_until


def run(case):
    case.make_reference()
    code, output = case.pgwraith("plan")
    case.check(code == 3, f"without the right to do so: plan exits 3, not {code}: {output}")
    case.says(output, "terminate_blockers: this role may not end", "GRANT pg_signal_backend TO migrator")
    case.superuser("GRANT pg_signal_backend TO migrator; GRANT pg_monitor TO migrator")

    stuck, superuser, short = case.session("app"), case.session("postgres"), case.session("app")
    for session in (stuck, superuser):
        session.run("BEGIN")
        session.run("SELECT count(*) FROM t" if session is superuser else "SELECT count(*) FROM p WHERE id <> 4711")
    run = case.start()
    status = run.wait_status("a session to be ended", lambda now: now["blockers_terminated"] > 0, 60)
    case.check(status["blockers_terminated"] == 1, f"one was ended: {status['blockers_terminated']}")
    stuck.expect_ended()
    wait_until("the superuser's to be named", lambda: "it is a superuser's session" in run.log(), 60)
    case.check(superuser.run("SELECT 1") == "1", "the superuser's session lives")
    case.check(short.run("SELECT 1") == "1", "a session that stands in nobody's way lives")
    superuser.run("COMMIT")
    case.expect_exit(run, 0)
    case.finish_success(run, [])
    case.says(run.log(), r'the session of pid \d+ \(app, psql, idle in transaction, .*\) after "SELECT count\(\*\) FROM p '
              r'WHERE id <> \?" was ended; it has stood in the way of the swap for')
    case.superuser("REVOKE pg_signal_backend FROM migrator; REVOKE pg_monitor FROM migrator")
