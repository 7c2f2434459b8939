import os
import shutil

from web import make_certificate

CHANGES = 3000


def speak_tls(case):
    make_certificate(case.dir, "server.crt", "server.key", "IP:127.0.0.1")
    owner = os.stat(case.server.data)
    for name in ("server.crt", "server.key"):
        shutil.move(case.dir / name, case.server.data / name)
        os.chown(case.server.data / name, owner.st_uid, owner.st_gid)
        os.chmod(case.server.data / name, 0o600)
    case.server.psql("ALTER SYSTEM SET ssl = on")
    case.server.psql("SELECT pg_reload_conf()")


def run(case):
    speak_tls(case)
    case.make_reference()
    run = case.start(case.write_config(connection=f"host=127.0.0.1 port={case.server.port} user=migrator dbname={case.database} "
                                                  "sslmode=require"))
    run.wait_phase("ready")
    encrypted = case.superuser("SELECT s.ssl FROM pg_stat_replication r JOIN pg_stat_ssl s USING (pid)")
    case.check(encrypted == "t", "the stream is encrypted")
    # A transaction each.
    change = "".join(f"UPDATE t SET n = n + 1 WHERE id = {i};\n" for i in range(1, CHANGES + 1))
    case.psql(change)
    case.psql(change, database=case.expected)
    # One record each 10 ms would take a minute and a half.
    run.wait_status("all changes", lambda now: now["changes_received"] >= CHANGES, 20)
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run)
