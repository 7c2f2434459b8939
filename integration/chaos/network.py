"""The network between the program and the server is cut: packets vanish, no connection is closed."""

import itertools
import os
import pathlib
import signal
import subprocess
import threading
import time

from chaos import Skip, send
from servers import PATIENCE, wait_until
from slot_steps import held_slot

SLOW = {"throttle": {"idle_ratio": 10.0}, "copy": {"chunk_max_bytes": "8KiB"}, "cutover": {"mode": "manual", "max_blocked": "1s"}}
_numbers = itertools.count(os.getpid() % 200)
_lock = threading.Lock()


def _ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise Skip(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


class Link:
    """The program's namespace, a router's, and this one: the router is where packets get lost."""

    def __init__(self, case):
        if os.geteuid() != 0:
            raise Skip("network namespaces need root")
        with _lock:
            number = next(_numbers) % 250
        self._client, self._router = f"pgwc{number}", f"pgwr{number}"
        self.server_address, self._client_address = f"10.213.{number}.1", f"10.214.{number}.2"
        self._made = []
        case.closing(self)
        for name in (self._client, self._router):
            _ip("netns", "add", name)
            self._made.append(name)
        client, router = ("-n", self._client), ("-n", self._router)
        _ip("link", "add", f"pgws{number}", "type", "veth", "peer", "name", "up", "netns", self._router)
        _ip(*client, "link", "add", "out", "type", "veth", "peer", "name", "down", "netns", self._router)
        _ip("addr", "add", f"{self.server_address}/30", "dev", f"pgws{number}")
        _ip(*router, "addr", "add", f"10.213.{number}.2/30", "dev", "up")
        _ip(*router, "addr", "add", f"10.214.{number}.1/30", "dev", "down")
        _ip(*client, "addr", "add", f"{self._client_address}/30", "dev", "out")
        _ip("link", "set", "dev", f"pgws{number}", "up")
        for where, device in ((router, "up"), (router, "down"), (client, "out")):
            _ip(*where, "link", "set", "dev", device, "up")
        _ip("route", "add", f"10.214.{number}.0/30", "via", f"10.213.{number}.2")
        _ip(*client, "route", "add", "default", "via", f"10.214.{number}.1")
        done = subprocess.run(["ip", "netns", "exec", self._router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip("no forwarding in a namespace: " + done.stderr.strip())
        self._use(case)

    def _use(self, case):
        server = case.server
        case.superuser("ALTER SYSTEM SET listen_addresses = '*'")
        with open(server.data / "pg_hba.conf", "a", encoding="utf-8") as out:
            out.write("host all all 10.0.0.0/8 trust\n")
        server.restart()
        wrapper = case.dir / "pgwraith"
        wrapper.write_text(f"#!/bin/sh\nexec ip netns exec {self._client} {pathlib.Path(case.program).resolve()} \"$@\"\n")
        wrapper.chmod(0o755)
        case.program = str(wrapper)
        way = f"host={self.server_address} port={server.port} user=migrator dbname={case.database}"
        case.options["settings"] = {**case.options["settings"], "connection": way}
        case.write_config()

    def cut(self):
        # More specific than the routes of the links: silently dropped, in both directions.
        for address in (self.server_address, self._client_address):
            _ip("-n", self._router, "route", "add", "blackhole", f"{address}/32")

    def fix(self):
        for address in (self.server_address, self._client_address):
            _ip("-n", self._router, "route", "del", "blackhole", f"{address}/32")

    def close(self):
        for name in self._made:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def _finish(case, run, load):
    run.wait_phase("ready", 120)
    code, output = case.pgwraith("cutover")
    case.check(code == 0, f"cutover exits 0, not {code}: {output}")
    case.expect_exit(run, 0, 90)
    case.judge(load)


def _in_copy(case):
    """Of more than a minute, unless it is let go."""
    case.slow_in("copy", 0.002)
    run = case.start()
    run.wait_status("rows", lambda now: now["phase"] == "copy" and now["rows_copied"] > 0)
    return run, case.let_go


def _in_statement(phase, purpose):
    """While a statement runs that takes more than a minute, unless it is let go."""
    def reach(case):
        case.slow_in(purpose, 0.02)
        run = case.start()
        if phase == "catch_up":
            run.wait_phase("copy")
            case.psql("UPDATE t SET n = n + 1; UPDATE twin SET n = n + 1", "app")
        run.wait_phase(phase, 60)
        case.wait_slow(purpose)
        return run, case.let_go
    return reach


def _in_ready(case):
    run = case.start()
    run.wait_phase("ready", 60)
    return run, None


def _in_cutover(case):
    """While it waits for the lock, attempt after attempt."""
    run, _ = _in_ready(case)
    reader = case.session()
    reader.run("BEGIN")
    reader.run("SELECT count(*) FROM t")
    code, output = case.pgwraith("cutover")
    case.check(code == 0, f"cutover exits 0, not {code}: {output}")
    run.wait_status("an attempt", lambda now: now["cutover_attempts"] >= 1)
    return run, lambda: reader.run("COMMIT")


PHASES = {
    "prepare": held_slot,
    "the copy": _in_copy,
    "build": _in_statement("build", "build"),
    "catch_up": _in_statement("catch_up", "apply"),
    "verify": _in_statement("verify", "verify"),
    "ready": _in_ready,
    "cutover": _in_cutover,
}


def cut_in(phase, seconds):
    def test(case):
        link = Link(case)
        run, release = PHASES[phase](case)
        load = case.clients(rate=100)
        link.cut()
        end = time.monotonic() + seconds
        wait_until("the time of the cut to pass", lambda: time.monotonic() > end or run.exited(), seconds + 5)
        link.fix()
        case.check(not run.exited(), f"it waits for the network: exit {run.process.returncode}\n{run.log()[-2500:]}")
        if release:
            release()
        if phase == "ready":
            received = run.status()["changes_received"]
            run.wait_status("changes to be received again", lambda now: now["changes_received"] > received, 90)
        if phase == "cutover":
            case.expect_exit(run, 0, 90)
            case.judge(load)
        else:
            _finish(case, run, load)
    return test


def cut_under_the_lock(case):
    link = Link(case)
    load = case.clients(rate=100)
    run = case.start()
    run.wait_phase("ready")
    watcher = case.session("postgres")

    # Without the stream the drain under the lock has to wait, so the lock is held for long enough to be seen.
    change = [f"UPDATE {table} SET a = a + 1 WHERE id = 63943" for table in ("t", "twin")]
    walsender = case.commit_before_the_lock(change, watcher)
    try:
        link.cut()
        begin = time.monotonic()
        wait_until("the server to release the lock", lambda: not case.lock_held(watcher), 15, 0.01)
        took = time.monotonic() - begin
    finally:
        send(walsender, signal.SIGCONT)
    # Without the server's own limits it would go after minutes.
    case.check(took < 1 + PATIENCE, f"the lock went within about max_blocked (1 s): {took:.2f} s")
    load.wait_progress()
    link.fix()
    case.expect_exit(run, 0, 120)
    case.judge(load)
    # The wait for the lock counts: max_blocked is for both together. Clients behind schedule are counted as waiting.
    worst = max(load.latencies_ms())
    case.check(worst < 1000 + 1000 * PATIENCE, f"no client waited longer than about max_blocked (1 s): {worst:.0f} ms")
    case.notes.append(f"lock released {took:.2f} s after the cut, clients waited {worst:.0f} ms at most")


def tests(quick):
    own = {"own_server": {}, "settings": SLOW, "timeout": 240}
    result = [(f"network cut for 3 s in {phase}", cut_in(phase, 3), own) for phase in PHASES]
    result += [("network cut under the lock", cut_under_the_lock, own),
               ("network cut for 35 s in the copy", cut_in("the copy", 35), own)]
    if not quick:
        result += [(f"network cut for 35 s in {phase}", cut_in(phase, 35), own) for phase in PHASES if phase != "the copy"]
    return result
