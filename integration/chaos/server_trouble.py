"""The server, its backends, or the slot go away under a running migration."""

import random
import shutil
import signal
import subprocess
import threading
import time

from chaos import CLIENT_SCRIPTS, send
from proxy import Proxy
from servers import HarnessError, as_server_user, checked, wait_until

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
        run.wait_status("rows", lambda now: now["rows_copied"] > 0)
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


def _blow(case, how, chance):
    """Returns when the server answers again."""
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


def crashed(how, times):
    """The whole server loses its memory; the same process must see the end."""
    def test(case):
        clients = case.closing(RestlessClients(case))
        chance = random.Random(11)
        run = case.start()
        run.wait_status("rows", lambda now: now["rows_copied"] > 0)
        for _ in range(times):
            before = (run.status() or {"rows_copied": 0})["rows_copied"]
            _blow(case, how, chance)
            _progress(run, before)
            case.check(not run.exited(), f"the run goes on: {run.process.returncode}\n{run.log()[-2000:]}")
        _finish(case, run)
        clients.close()
        case.judge()
        case.notes.append(f"{how}, {times} times, one process")
    return test


def crashed_at_random_times(times, seed):
    """All kinds of blows, in the copy, the catch-up and the verification, each of which takes some seconds."""
    def test(case):
        case.slow_in("apply|verify", 0.0004)
        clients = case.closing(RestlessClients(case))
        chance = random.Random(seed)
        run = case.start()
        fell = []
        for _ in range(times):
            end = time.monotonic() + chance.uniform(0, 4)
            wait_until("the random moment", lambda: time.monotonic() > end)
            now = run.status() or {"phase": "nobody answers"}
            fell.append(now["phase"])
            # Not at the very moment when it is back: a minute of that, and it would be right to give up.
            kinds = ["restart immediate", "postmaster", *(["backend"] if case.backend_pids("pgwraith%") else [])]
            _blow(case, chance.choice(kinds), chance)
            case.check(not run.exited(), f"the run goes on: {run.process.returncode}\n{run.log()[-2000:]}")
        case.let_go()
        _finish(case, run)
        clients.close()
        case.judge()
        case.notes.append("blows in " + ", ".join(f"{phase} {fell.count(phase)}" for phase in sorted(set(fell))))
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


def slot_wal_gone(case):
    """WAL goes while the walsender still has to read it: its own words, not the slot's state, are the first to tell."""
    case.hold_copy(3)
    run = case.start(case.write_config(copy={"workers": 1}))
    case.wait_held(run)
    walsender = case.walsender_pid()
    send(walsender, signal.SIGSTOP)
    try:
        read_next = case.superuser("SELECT pg_walfile_name(pg_current_wal_lsn())")
        for _ in range(3):
            case.superuser("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 1000); DROP TABLE filler; "
                           "SELECT pg_switch_wal()")
        written = case.superuser("SELECT pg_walfile_name(pg_current_wal_lsn())")
        gone = [file for file in (case.server.data / "pg_wal").glob("0*") if read_next < file.name < written]
        case.check(len(gone) > 0, f"files between {read_next} and {written}")
        for file in gone:
            file.unlink()
    finally:
        send(walsender, signal.SIGCONT)
    case.expect_exit(run, 4, 60)
    case.says(run.log(), "is lost: the server no longer has WAL", "new start", "pgwraith abort")
    case.judge_abort()


def slot_about_to_be_lost(case):
    """The copy stops and says why before the server takes the WAL away; when the stream has come up it goes on."""
    case.hold_copy(3)
    run = case.start(case.write_config(copy={"workers": 1}))
    case.wait_held(run)
    walsender = case.walsender_pid()
    slot = f"FROM pg_replication_slots WHERE database = '{case.database}'"
    copied = f"SELECT count(*) FROM {case.shadow()}"
    # What it has not decoded it cannot give back.
    send(walsender, signal.SIGSTOP)
    try:
        def unreserved():
            case.superuser("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 4000); DROP TABLE filler; "
                           "SELECT pg_switch_wal()")
            return case.superuser(f"SELECT wal_status {slot}") == "unreserved"
        wait_until("the slot to be in danger", unreserved, 60)
        held = run.wait_status("the copy to be held", lambda now: now["throttled"] and "max_slot_wal_keep_size" in now["throttled"])
        case.check(held["phase"] == "copy", f"in the copy, not in {held['phase']}")
        # The chunk that was under way may still end.
        before = case.superuser(copied)
        case.release_copy()
        stood = wait_until("that chunk", lambda: (now := case.superuser(copied)) != before and now)
        moment = [0]

        def looked_again():
            moment[0] += 1
            now = case.superuser(copied)
            case.check(now == stood and run.status()["throttled"], f"nothing more is copied: {stood}, {now}")
            return moment[0] > 50
        wait_until("two seconds", looked_again)
    finally:
        send(walsender, signal.SIGCONT)
    case.expect_exit(run, 0, 90)
    case.judge()


# -- another history of the server

def _run_through(case, proxy, **settings):
    case.write_config(connection=proxy.conninfo(case.database), **settings)
    run = case.start()
    run.wait_status("rows", lambda now: now["rows_copied"] > 500)
    return run


def _promote(server):
    checked(as_server_user([*server.bin("pg_ctl"), "-D", str(server.data), "-w", "promote"]))


def failed_over(case):
    """A standby takes the server's place, under the same address and without the slot."""
    case.superuser("GRANT pg_monitor TO migrator")  # a standby's lag is shown to it
    proxy, standby = case.closing(Proxy(case.server)), case.server.standby()
    load = case.closing(RestlessClients(case))
    run = _run_through(case, proxy, verify="off")
    load.close()
    # So that both have the same rows: the live table is compared in the end.
    wait_until("the standby to have everything", lambda: case.superuser(
        "SELECT bool_and(replay_lsn = pg_current_wal_lsn()) FROM pg_stat_replication WHERE application_name = 'standby'") == "t", 30)
    case.server.stop("immediate")
    proxy.target = ("127.0.0.1", standby.port)
    # As long as it is a standby it may become the server again.
    wait_until("the program to find a standby", lambda: "is a standby" in run.log() or run.exited(), 60)
    case.check(not run.exited(), f"it waits: exit {run.process.returncode}\n{run.log()[-2500:]}")
    _promote(standby)
    case.expect_exit(run, 4, 60)
    says = ("timeline 2, the migration began on timeline 1", "failed over", "new start", "pgwraith abort")
    case.says(run.log(), *says)
    case.server = standby
    _refused(case, *says)


def failed_over_with_the_slot(case):
    """The slot is there (tools copy it, and PostgreSQL 17 can): what was copied still need not be."""
    case.must_crash("chunk.done:4")
    case.server.stop("fast")
    # The shortest way to another timeline: all WAL that is there is recovered, then the server promotes itself.
    with open(case.server.data / "postgresql.conf", "a", encoding="utf-8") as conf:
        conf.write("restore_command = 'false'\n")
    checked(as_server_user(["touch", str(case.server.data / "recovery.signal")]))
    case.server._run()
    answers(case)
    case.check(case.superuser(f"SELECT count(*) FROM pg_replication_slots WHERE database = '{case.database}'") == "1", "the slot is there")
    _refused(case, "timeline 2, the migration began on timeline 1", "restored to an earlier point", "new start", "pgwraith abort")


def restored(case):
    """The server's files as they were a while ago: same timeline, the same slot, and a past that did not happen."""
    case.must_crash("chunk.done:2")
    case.server.stop("fast")
    saved = case.dir / "saved"
    shutil.copytree(case.server.data, saved)
    case.server._run()
    case.superuser("UPDATE t SET a = a + 1; UPDATE twin SET a = a + 1")
    case.must_crash("chunk.done:4")
    case.server.stop("fast")
    checked(["cp", "-a", "-T", "--remove-destination", str(saved), str(case.server.data)])
    checked(["chown", "-R", "--reference", str(case.server.dir), str(case.server.data)])
    for path in case.server.data.glob("pg_wal/0*"):
        if not (saved / "pg_wal" / path.name).exists():
            path.unlink()  # of the time that is gone
    case.server._run()
    _refused(case, "had come to|has not happened on the server", "restored to an earlier point", "new start", "pgwraith abort")


def tests(quick):
    own = {"own_server": {}, "settings": SLOW}
    return [
        ("terminated backends", terminated_backends(8 if quick else 30), {"settings": SLOW, "timeout": 200}),
        ("crash of the walsender", crashed("walsender", 1 if quick else 3), {**own, "timeout": 200}),
        ("crash of a backend", crashed("backend", 2 if quick else 4), {**own, "timeout": 200}),
        ("restart immediate", crashed("restart immediate", 2 if quick else 4), {**own, "timeout": 200}),
        ("postmaster killed", crashed("postmaster", 1 if quick else 2), {**own, "timeout": 200}),
        ("blows at random times", crashed_at_random_times(6 if quick else 25, 3), {**own, "timeout": 300}),
        ("slot dropped", slot_dropped, {}),
        ("slot advanced", slot_advanced, {}),
        ("WAL of the slot gone", slot_wal_gone, {"own_server": {"max_wal_size": "4GB"}}),
        ("slot about to be lost", slot_about_to_be_lost,
         {"own_server": {"max_slot_wal_keep_size": "64MB", "max_wal_size": "4GB"}, "timeout": 200}),
        ("failed over", failed_over, {"own_server": {}, "settings": SLOW}),
        ("failed over with the slot", failed_over_with_the_slot, {"own_server": {}}),
        ("restored to an earlier point", restored, {"own_server": {}}),
        ("slot lost", slot_lost, {"own_server": {"max_slot_wal_keep_size": "16MB", "max_wal_size": "64MB", "min_wal_size": "32MB"}}),
    ]
