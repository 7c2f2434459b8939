import re
import subprocess

from servers import wait_until

MAY = "SELECT has_schema_privilege('{0}', '{1}', 'USAGE') AND has_table_privilege('{0}', '{1}.t', 'SELECT')"


def dump(case, user):
    done = subprocess.run([*case.server.bin("pg_dump"), "-d", case.server.conninfo(case.database, user).replace(
        f"host={case.server.host}", "host=127.0.0.1")], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def restores(case, text, name):
    case.server.psql(f'CREATE DATABASE "{name}"')
    try:
        case.server.psql("".join(line for line in text.splitlines(True) if not line.startswith(("\\restrict", "\\unrestrict"))), name)
        return case.server.psql("SELECT count(*) FROM t", name)
    finally:
        case.server.psql(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(case):
    for role in ("nightly", "partial"):
        case.superuser(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN")
    case.superuser("CREATE TABLE secret (s int); GRANT SELECT ON ALL TABLES IN SCHEMA public TO nightly;"
                   "GRANT SELECT ON t, twin TO partial")
    code, _, errors = dump(case, "nightly")
    case.check(code == 0, f"it could dump before: {errors}")
    run = case.start()
    case.wait_held(run)
    new = f"pgwraith_new_{case.psql('SELECT $$t$$::regclass::oid')}"
    code, text, errors = dump(case, "nightly")
    case.check(code == 0, f"pg_dump during the copy: {errors}")
    case.check(restores(case, text, case.database + "_restored") == "20000", "what it dumped can be restored")
    case.check(case.superuser(MAY.format("partial", new)) == "f", "who could not dump may read no more than before")

    # A dump that takes its time keeps the build waiting, and is named; it does not end the migration.
    slow = case.session("nightly")
    slow.run("BEGIN")
    slow.run(f"LOCK TABLE {new}.t IN ACCESS SHARE MODE")
    case.release_copy()
    wait_until("the build to say who holds the shadow", lambda: re.search("held by pid .*nightly", run.log()), 40)
    case.check(not run.exited(), "it waits")
    slow.run("COMMIT")
    run.wait_phase("ready", 60)
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    code, text, errors = dump(case, "nightly")
    case.check(code == 0, f"pg_dump with the old table: {errors}")
    case.check(restores(case, text, case.database + "_restored") == "20000", "that can be restored, too")
    old = case.old_schemas()[0]
    case.check(case.superuser(MAY.format("partial", old)) == "f", "the old table is no way around")
    grants = ("SELECT string_agg(e.grantee::regrole || ':' || e.privilege_type, ' ' ORDER BY e.grantee::regrole::text, e.privilege_type) "
              "FROM pg_class c, aclexplode(c.relacl) e WHERE c.oid = '{}'::regclass")
    case.check(case.superuser(grants.format("t")) == case.superuser(grants.format(old + ".t")), "the new table has the old one's grants")
    case.superuser("DROP OWNED BY nightly, partial; DROP ROLE nightly, partial")
