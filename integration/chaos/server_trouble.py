"""The server, its backends, or the slot go away under a running migration."""

import random
import signal
import subprocess
import threading

from chaos import CLIENT_SCRIPTS, send
from servers import HarnessError, wait_until

SLOW = {"throttle": {"idle_ratio": 8.0}, "copy": {"chunk_max_bytes": "8KiB"}, "cutover": {"mode": "manual"}, "reconnect": {"give_up_after": "2m"}}


class RestlessClients:
    """pgbench, started again whenever a crash of the server ends it. What it committed, it committed to both tables."""

    def __init__(self, case, clients=3, rate=100):
        self._case, self._clients, self._rate = case, clients, rate
        self._ending = threading.Event()
        self._process = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        scripts = [argument for path in CLIENT_SCRIPTS for argument in ("-f", str(path))]
        while not self._ending.is_set():
            self._process = subprocess.Popen(
                ["pgbench", "-n", "-c", str(self._clients), "-T", "600", "-R", str(self._rate), "-D", "stripe=0", *scripts,
                 self._case.server.conninfo(self._case.database, "app")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while self._process.poll() is None and not self._ending.wait(0.1):
                pass
            self._process.kill()
            self._process.wait()

    def close(self):
        self._ending.set()
        self._thread.join(10)
        wait_until("the clients' sessions to end", lambda: self._case.superuser(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench'") == "0")


def _started(server):
    """Its children live on for a moment and hold the shared memory; until then it refuses to start."""
    (server.data / "postmaster.pid").unlink(missing_ok=True)
    try:
        server._run()
        return True
    except HarnessError:
        return False


def answers(case):
    def look():
        try:
            return case.superuser("SELECT NOT pg_is_in_recovery()") == "t"
        except HarnessError:
            return False
    wait_until("the server to answer", look, 60)


def _progress(run, before):
    """Something new happened since `before`: the process is connected again."""
    run.wait_status("the migration to go on", lambda now: now["phase"] in ("ready", "catch_up", "verify") or
                    now["rows_copied"] > before, 90)


def _finish(case, run):
    run.wait_phase("ready", 120)
    code, output = case.pgwraith("cutover")
    case.check(code == 0, f"cutover exits 0, not {code}: {output}")
    case.expect_exit(run, 0, 90)


def terminated_backends(number):
    def test(case):
        load = case.clients(rate=100)
        chance = random.Random(7)
        run = case.start()
        run.wait_status("rows", lambda now: now["phase"] == "copy" and now["rows_copied"] > 0)
        for turn in range(number):
            pids = wait_until("sessions of ours", lambda: case.backend_pids("pgwraith%"), 60)
            pid = case.walsender_pid() if turn % 4 == 3 else chance.choice(pids)
            case.superuser(f"SELECT pg_terminate_backend({pid})")
            wait_until("that session to end", lambda: pid not in case.backend_pids("pgwraith%"))
            case.check(not run.exited(), f"the run goes on: {run.process.returncode}\n{run.log()[-2000:]}")
        _finish(case, run)
        case.judge(load)
        case.notes.append(f"{number} sessions terminated")
    return test


def crashed(how, times):
    """The whole server loses its memory; the same process must see the end."""
    def test(case):
        clients = case.closing(RestlessClients(case))
        chance = random.Random(11)
        run = case.start()
        run.wait_status("rows", lambda now: now["phase"] == "copy" and now["rows_copied"] > 0)
        for _ in range(times):
            before = (run.status() or {"rows_copied": 0})["rows_copied"]
            if how == "restart immediate":
                case.server.restart("immediate")
            elif how == "postmaster":
                postmaster = case.server.pid()
                send(postmaster, signal.SIGKILL)
                wait_until("the server to start again", lambda: _started(case.server), 30, 0.2)
            else:
                pid = case.walsender_pid() if how == "walsender" else chance.choice(
                    wait_until("sessions of ours", lambda: case.backend_pids("pgwraith%"), 60))
                send(pid, signal.SIGKILL)
                wait_until("that process to end", lambda: not send(pid, 0))
            answers(case)
            _progress(run, before)
            case.check(not run.exited(), f"the run goes on: {run.process.returncode}\n{run.log()[-2000:]}")
        _finish(case, run)
        clients.close()
        case.judge()
        case.notes.append(f"{how}, {times} times, one process")
    return test


def _stopped_in_copy(case):
    case.must_crash("chunk.done:4")
    case.superuser("UPDATE t SET a = a + 1 WHERE id < 640; UPDATE twin SET a = a + 1 WHERE id < 640")
    return case.superuser(f"SELECT slot_name FROM pg_replication_slots WHERE database = '{case.database}'")


def _refused(case, *says):
    for _ in range(2):  # and again: nothing of the state is lost by asking
        run = case.start()
        case.expect_exit(run, 4, 40)
        case.says(run.log(), *says)
    case.check(case.shadow(), "the shadow table is kept")
    case.check(case.state_dir.exists(), "the state is kept")
    case.judge_abort()


def slot_dropped(case):
    slot = _stopped_in_copy(case)
    wait_until("the slot to be free", lambda: case.superuser(
        f"SELECT active FROM pg_replication_slots WHERE slot_name = '{slot}'") == "f")
    case.superuser(f"SELECT pg_drop_replication_slot('{slot}')")
    _refused(case, "replication slot .* is gone", "new start", "pgwraith abort")


def slot_advanced(case):
    slot = _stopped_in_copy(case)
    wait_until("the slot to be free", lambda: case.superuser(
        f"SELECT active FROM pg_replication_slots WHERE slot_name = '{slot}'") == "f")
    case.superuser(f"SELECT pg_replication_slot_advance('{slot}', pg_current_wal_lsn())")
    _refused(case, "was advanced to", "new start", "pgwraith abort")


def slot_lost(case):
    slot = _stopped_in_copy(case)

    def lost():
        case.superuser("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 20000); DROP TABLE filler; "
                       "SELECT pg_switch_wal(); CHECKPOINT")
        return case.superuser(f"SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{slot}'") == "lost"
    wait_until("the slot to be lost", lost, 40)
    _refused(case, "is lost", "max_slot_wal_keep_size", "new start", "pgwraith abort")


def tests(quick):
    own = {"own_server": {}, "settings": SLOW}
    return [
        ("terminated backends", terminated_backends(8 if quick else 30), {"settings": SLOW, "timeout": 200}),
        ("crash of the walsender", crashed("walsender", 1 if quick else 3), {**own, "timeout": 200}),
        ("crash of a backend", crashed("backend", 2 if quick else 4), {**own, "timeout": 200}),
        ("restart immediate", crashed("restart immediate", 2 if quick else 4), {**own, "timeout": 200}),
        ("postmaster killed", crashed("postmaster", 1 if quick else 2), {**own, "timeout": 200}),
        ("slot dropped", slot_dropped, {}),
        ("slot advanced", slot_advanced, {}),
        ("slot lost", slot_lost, {"own_server": {"max_slot_wal_keep_size": "16MB", "max_wal_size": "64MB", "min_wal_size": "32MB"}}),
    ]
