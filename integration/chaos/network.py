"""The network between the program and the server is cut: packets vanish, no connection is closed."""

import itertools
import os
import pathlib
import signal
import subprocess
import threading
import time

from chaos import Skip, send
from servers import wait_until

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
        case.write_config(connection=f"host={self.server_address} port={server.port} user=migrator dbname={case.database}")

    def cut(self):
        # More specific than the routes of the links: silently dropped, in both directions.
        for address in (self.server_address, self._client_address):
            _ip("-n", self._router, "route", "add", "blackhole", f"{address}/32")

    def mend(self):
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


def _reach(case, run, phase):
    if phase == "copy":
        run.wait_status("rows", lambda now: now["phase"] == "copy" and now["rows_copied"] > 0)
    else:
        run.wait_phase("ready")  # the change stream goes on there, and the changes are applied


def cut_in(phase, seconds):
    def test(case):
        link = Link(case)
        load = case.clients(rate=100)
        run = case.start()
        _reach(case, run, phase)
        link.cut()
        end = time.monotonic() + seconds
        wait_until("the time of the cut to pass", lambda: time.monotonic() > end or run.exited(), seconds + 5)
        link.mend()
        case.check(not run.exited(), f"it waits for the network: exit {run.process.returncode}\n{run.log()[-2500:]}")
        if phase == "copy":
            _finish(case, run, load)
            return
        received = run.status()["changes_received"]
        run.wait_status("changes to be received again", lambda now: now["changes_received"] > received, 90)
        _finish(case, run, load)
    return test


def cut_under_the_lock(case):
    link = Link(case)
    load = case.clients(rate=100)
    run = case.start()
    run.wait_phase("ready")
    held = ("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock' AND granted "
            "AND pid IN (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'pgwraith cutover%')")
    watcher = case.session("postgres")
    walsender = case.walsender_pid()

    # Without the stream the drain under the lock has to wait, so the lock is held for long enough to be seen.
    blocker = case.session()
    blocker.run("BEGIN")
    blocker.run("UPDATE t SET a = a + 1 WHERE id = 63943")
    blocker.run("UPDATE twin SET a = a + 1 WHERE id = 63943")
    code, output = case.pgwraith("cutover")
    case.check(code == 0, f"cutover exits 0, not {code}: {output}")
    waits = ("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted")
    wait_until("an attempt to wait for the lock", lambda: watcher.run(waits) == "1", 20, 0.002)
    send(walsender, signal.SIGSTOP)
    try:
        blocker.run("COMMIT")
        wait_until("the lock to be held", lambda: watcher.run(held) == "1", 5, 0.002)
        link.cut()
        begin = time.monotonic()
        wait_until("the server to release the lock", lambda: watcher.run(held) == "0", 15, 0.01)
        took = time.monotonic() - begin
    finally:
        send(walsender, signal.SIGCONT)
    case.check(took < 2.0, f"the lock went within about max_blocked (1 s): {took:.2f} s")
    load.wait_progress()
    link.mend()
    case.expect_exit(run, 0, 120)
    case.judge(load)
    # The wait for the lock counts: max_blocked is for both together. Clients behind schedule are counted as waiting.
    worst = max(load.latencies_ms())
    case.check(worst < 2000, f"no client waited longer than about max_blocked (1 s): {worst:.0f} ms")
    case.notes.append(f"lock released {took:.2f} s after the cut, clients waited {worst:.0f} ms at most")


def tests(quick):
    own = {"own_server": {}, "settings": SLOW, "timeout": 240}
    result = [
        ("network cut for 3 s in the copy", cut_in("copy", 3), own),
        ("network cut for 3 s when caught up", cut_in("catch_up", 3), own),
        ("network cut under the lock", cut_under_the_lock, own),
        ("network cut for 35 s in the copy", cut_in("copy", 35), own),
    ]
    if not quick:
        result.append(("network cut for 35 s when caught up", cut_in("catch_up", 35), own))
    return result
