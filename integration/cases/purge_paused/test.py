import os
import signal

from servers import HarnessError, wait_until


def run(case):
    case.make_reference()
    run = case.start()
    case.wait_held(run)
    # The stream stands still, so that the purge has to wait for it while the pause is asked for.
    walsender = int(case.superuser("SELECT pid FROM pg_stat_replication"))
    os.kill(walsender, signal.SIGSTOP)
    try:
        case.psql("UPDATE t SET n = n + 1 WHERE id % 50 = 0; UPDATE twin SET n = n + 1 WHERE id % 50 = 0", "app")
        case.release_copy()
        run.wait_phase("build")
        code, output = case.pgwraith("pause")
        case.check(code == 0, f"pause: {output}")
        shadow = case.superuser("SELECT format('pgwraith_new_%s.t', 't'::regclass::oid)")
        rows = case.superuser(f"SELECT count(*) FROM {shadow}")
    finally:
        os.kill(walsender, signal.SIGCONT)
    run.wait_until("the keys to be listed", lambda: case.superuser(
        "SELECT count(*) FROM pg_class WHERE relname LIKE 'pgwraith_keys%' AND relpersistence = 't'") == "1")
    try:
        wait_until("rows that are purged", lambda: case.superuser(f"SELECT count(*) FROM {shadow}") != rows,
                   case.time_to_go_wrong())
    except HarnessError:
        pass
    else:
        raise HarnessError("rows were purged in spite of the pause")
    case.check(run.status()["phase"] == "build", "the build waits")
    case.pgwraith("resume")
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
