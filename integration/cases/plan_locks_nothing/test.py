# What a session holds when one of its DDL statements ends, in the server's log, where a rollback does not reach.
MORE = """
UPDATE t SET a = NULL;
CREATE SEQUENCE numbers OWNED BY t.id;
CREATE PUBLICATION of_some FOR TABLE t;
ALTER TABLE other ADD FOREIGN KEY (t_id) REFERENCES t, ADD id2 int UNIQUE;
ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES other (id2);
"""
OBSERVER = """
CREATE FUNCTION observe() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE strong text;
BEGIN
  SELECT string_agg(DISTINCT l.relation::regclass || ' ' || l.mode, ', ') INTO strong
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE l.pid = pg_backend_pid() AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
     AND n.nspname NOT LIKE 'pgwraith%' AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND c.relname NOT LIKE 'pgwraith%';
  RAISE LOG 'observed % in %: %', tg_tag, current_setting('application_name'), coalesce(strong, 'nothing strong');
END $$;
CREATE EVENT TRIGGER observe ON ddl_command_end EXECUTE FUNCTION observe();
"""


def observed(case):
    lines = [line for line in case.server.log.read_text().splitlines() if "observed " in line and f" {case.database} " in line]
    case.check(len(lines) > 20, f"the observer was at work: {len(lines)} lines")
    strong = [line for line in lines if "nothing strong" not in line]
    case.check(not strong, "locks that keep readers or writers waiting:\n" + "\n".join(strong[:10]))


def run(case):
    case.psql(MORE)
    case.superuser(OBSERVER)
    case.check(case.pgwraith("plan")[0] == 0, "plan")
    observed(case)
    run = case.start()
    run.wait_phase("ready")
    observed(case)
    status = run.status()
    case.check(status["blocked_ms"] is None, f"nobody waited: {status}")
    case.check(case.pgwraith("abort")[0] in (0, 5), "abort")
    observed(case)
    case.superuser("DROP EVENT TRIGGER observe")
