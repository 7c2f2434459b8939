AWAY = ("ALTER TABLE t DISABLE TRIGGER audit; ALTER TABLE t DISABLE RULE none; ALTER POLICY few ON t USING (true);"
        " ALTER TABLE t DISABLE ROW LEVEL SECURITY; REVOKE ALL (n) ON t FROM pg_monitor; COMMENT ON TABLE t IS 'away'")
BACK = ("ALTER TABLE t ENABLE TRIGGER audit; ALTER TABLE t ENABLE RULE none; ALTER POLICY few ON t USING (id < 10);"
        " ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT SELECT (n) ON t TO pg_monitor; COMMENT ON TABLE t IS NULL")
FLAGS = ("SELECT c.relrowsecurity, g.tgenabled, w.ev_enabled, obj_description(c.oid) IS NULL FROM pg_class c JOIN pg_trigger g ON g.tgrelid = c.oid AND g.tgname = 'audit'"
         " JOIN pg_rewrite w ON w.ev_class = c.oid WHERE c.oid = 't'::regclass")


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    case.psql(AWAY)
    # A reader calls attempts off that were planned with what is there now; what is put back waits for him, too, or comes
    # between two attempts.
    reader = case.session()
    reader.run("BEGIN")
    reader.run("SELECT count(*) FROM t")
    case.pgwraith("cutover")
    run.wait_status("an attempt was called off", lambda status: status["cutover_attempts"] >= 2)
    owner = case.session("migrator")
    owner.send(BACK)
    reader.run("COMMIT")
    owner.answer()
    case.expect_exit(run, 0)
    case.check(case.superuser(FLAGS) == "t|O|O|t", f"as before: {case.superuser(FLAGS)}")
    case.finish_success(run)
