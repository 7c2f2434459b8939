LOCKS = """
SELECT string_agg(DISTINCT l.mode || ' on ' || c.relname, ', ') FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
  JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_stat_activity a USING (pid)
 WHERE a.application_name LIKE 'pgwraith%' AND l.mode NOT IN ('AccessShareLock', 'RowExclusiveLock')
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND c.oid >= 16384 AND n.nspname NOT LIKE 'pgwraith%' AND n.nspname NOT LIKE 'pg\_%' AND c.relname <> 't'
"""
REFERRED = ["customers", 'app."Odd Name"', "parts", "app.t"]


def run(case):
    case.superuser("GRANT USAGE ON SCHEMA app TO app; GRANT SELECT ON ALL TABLES IN SCHEMA app TO app")
    case.make_reference()
    # Whoever has read a table in an open transaction keeps nobody waiting, and is waited for by nobody.
    reader = case.session()
    reader.run("BEGIN")
    for table in REFERRED:
        reader.run(f"SELECT count(*) FROM {table}")
    case.succeeds("plan")
    run = case.start()
    run.wait_phase("ready")
    held = case.superuser(LOCKS).strip()
    case.check(held == "", f"nothing is locked: {held}")
    reader.run("COMMIT")
    code, output = case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [])
