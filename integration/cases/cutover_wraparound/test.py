import re

from servers import wait_until

# As if 150,000 transactions had passed.
AGE = """UPDATE pg_class SET relfrozenxid = (((pg_current_xact_id()::text::numeric + 4294967296 - 150000) % 4294967296)::text)::xid
          WHERE oid = 't'::regclass"""
VACUUM = "SELECT coalesce(max(pid), 0) FROM pg_stat_progress_vacuum WHERE relid = 't'::regclass"


def attempts(run):
    return re.findall(r"attempt \d+ was called off: (.*)", run.log())


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    case.superuser(AGE)
    wait_until("the autovacuum", lambda: case.superuser(VACUUM) != "0")
    case.pgwraith("cutover")
    wait_until("an attempt to be called off", lambda: attempts(run))
    case.superuser("GRANT pg_read_all_stats TO migrator")
    wait_until("one that knows more", lambda: "blocks" in attempts(run)[-1], 30)
    case.check(all("autovacuum to prevent wraparound" in line and "others waited 0.0 ms" in line for line in attempts(run)),
               f"it is named, and nobody waits: {attempts(run)}")
    case.superuser("ALTER SYSTEM SET autovacuum = off")
    case.superuser("SELECT pg_reload_conf()")
    case.superuser(f"SELECT pg_terminate_backend(({VACUUM}))")
    case.expect_exit(run, 0)
    case.superuser("REVOKE pg_read_all_stats FROM migrator")
    case.finish_success(run)
