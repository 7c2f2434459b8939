"""Throwaway PostgreSQL servers: one directory, one free port each, gone when the run ends."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

REPO = pathlib.Path(__file__).resolve().parents[2]
VERSIONS = pathlib.Path(os.environ.get("PGWRAITH_VERSIONS", "/var/cache/pgwraith"))  # of in-version
IN_VERSION = pathlib.Path(__file__).resolve().parent / "in-version"
HOST_VERSION = "15"
# Debian's psql, pgbench and pg_dump are scripts that look for the version first: half of what a short query takes.
os.environ["PATH"] = f"/usr/lib/postgresql/{HOST_VERSION}/bin:{os.environ['PATH']}"
# Time limits of the tests guard against hanging, they judge nothing: a slow machine multiplies them.
PATIENCE = float(os.environ.get("PGWRAITH_TEST_PATIENCE", "1"))

# Enough of everything for several migrations side by side; durability as in production.
BASE_CONF = {
    "wal_level": "logical",
    "max_wal_senders": "30",
    "max_replication_slots": "30",
    "max_connections": "300",
    "max_prepared_transactions": "20",
    "max_worker_processes": "16",
    "shared_buffers": "256MB",
    "max_slot_wal_keep_size": "20GB",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %d %a ",
    "log_lock_waits": "on",
}


# For tests that kill processes, not the operating system: what the server has written is there without fsync, too.
WITHOUT_FSYNC = {"fsync": "off"}


MEMORY = pathlib.Path("/dev/shm")
MEMORY_NEEDED = 10 << 30  # bytes: a whole run of four cases at a time takes a half of it


class HarnessError(Exception):
    """Something that the case expected did not happen; the text says what."""


def wait_until(what, condition, timeout=20.0, pause=0.02, longest_pause=0.2):
    """Polls `condition` until it returns something true, and returns that. The longer it waits the more seldom it looks:
    each look costs processor time, of which the cases side by side have too little."""
    timeout *= PATIENCE
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise HarnessError(f"waited {timeout:.0f} s in vain for: {what}")
        time.sleep(pause)
        pause = min(longest_pause, pause * 1.25)


_ports_given = set()
_ports_lock = threading.Lock()


def free_port():
    with _ports_lock:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            if port not in _ports_given:
                _ports_given.add(port)
                return port


def server_user():
    """PostgreSQL does not run as root: an unprivileged account then, otherwise ourselves (None)."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise HarnessError("running as root, and there is neither a user postgres nor nobody to run servers as")


def program(version, name):
    """argv prefix of a client or server program of a major version."""
    return [f"/usr/lib/postgresql/{version}/bin/{name}"] if version == HOST_VERSION else [str(IN_VERSION), version, name]


def as_server_user(argv):
    user = server_user()
    if user is None or argv[0] == str(IN_VERSION):  # which changes to that user itself
        return argv
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *argv]


def checked(argv, timeout=120, **options):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                          timeout=timeout * PATIENCE, cwd="/", **options)
    if done.returncode != 0:
        raise HarnessError(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def memory_folder():
    """Where files are made and deleted most quickly; None if TMPDIR names a place, or there is too little room."""
    if "TMPDIR" in os.environ or not os.path.ismount(MEMORY):
        return None
    room = os.statvfs(MEMORY)
    available = re.search(r"MemAvailable: *(\d+) kB", pathlib.Path("/proc/meminfo").read_text())
    free = min(room.f_bavail * room.f_frsize, int(available[1]) << 10 if available else 0)
    return MEMORY if free >= MEMORY_NEEDED and not room.f_flag & os.ST_NOEXEC else None


class Scratch:
    """The directory of one whole run, with everything that it started. Use as a context manager."""

    def __init__(self, keep=False, conf=None):
        self.keep, self.conf = keep, conf or {}
        # What no fsync protects need not be on a disk.
        in_memory = self.conf.get("fsync") == "off" and not keep
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="pgwraith-test.", dir=memory_folder() if in_memory else None))
        self.path.chmod(0o755)
        self.servers = []
        self._template_lock = threading.Lock()
        self._count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.stop("immediate")
        if not self.keep:
            shutil.rmtree(self.path, ignore_errors=True)
            # An interrupted run: a case's last process may have written meanwhile.
            shutil.rmtree(self.path, ignore_errors=True)

    def new_dir(self, name):
        with self._template_lock:
            self._count += 1
            path = self.path / f"{self._count:03d}-{name}"
        path.mkdir()
        user = server_user()
        if user:
            os.chown(path, user.pw_uid, user.pw_gid)
        path.chmod(0o755)
        return path

    def server(self, name="server", version=HOST_VERSION, conf=None):
        server = Server(self, self.new_dir(name), version, conf or {})
        self.servers.append(server)
        server.start()
        return server

    def remove_standbys(self, server):
        for standby in [other for other in self.servers if other.standby_of is server]:
            self.remove_standbys(standby)
            standby.remove()

    def template(self, version):
        """initdb takes a second or two: once per run and version, then copied."""
        with self._template_lock:
            path = self.path / f"template-{version}"
            if not path.exists():
                path.mkdir()
                user = server_user()
                if user:
                    os.chown(path, user.pw_uid, user.pw_gid)
                # The first call of another version fetches it.
                checked(as_server_user([*program(version, "initdb"), "-D", str(path / "data"), "-U", "postgres", "-A",
                                        "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]), timeout=600)
                self._allow_plugins(version, path / "data")
            return path / "data"

    def files(self, version):
        """Where a major version's bin and lib are on this machine."""
        self.template(version)
        root = "/" if version == HOST_VERSION else VERSIONS / f"postgresql-{version}"
        return pathlib.Path(root) / "usr" / "lib" / "postgresql" / version

    def _allow_plugins(self, version, data):
        """From 17.11, 18.5 and their contemporaries on a server loads no output plugin that is not named there."""
        known = subprocess.run(as_server_user([*program(version, "postgres"), "-D", str(data), "-C", "output_plugin_libraries"]),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False).returncode == 0
        if known:
            with open(data / "postgresql.conf", "a", encoding="utf-8") as out:
                out.write("output_plugin_libraries = 'pgoutput, test_decoding, wal2json, pg_squeeze, pg_rewrite'\n")


class Server:
    def __init__(self, scratch, directory, version, conf):
        self.scratch = scratch
        self.dir = directory
        self.version = str(version)
        self.data = directory / "data"
        self.log = directory / "server.log"
        self.port = free_port()
        self.conf = {**BASE_CONF, **scratch.conf, **conf}
        self.environment = {}  # of the server's process, from its next start on
        self.host = None
        self.standby_of = None

    # -- processes

    def bin(self, name):
        """argv prefix of a client or server program of this server's version."""
        return program(self.version, name)

    def _write_conf(self):
        lines = [f"{key} = '{value}'\n" for key, value in self.conf.items()]
        lines += [f"port = {self.port}\n", "listen_addresses = '127.0.0.1'\n",
                  f"unix_socket_directories = '{self.dir}'\n"]
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as out:
            out.writelines(lines)

    def start(self):
        self.host = str(self.dir)
        checked(as_server_user(["cp", "-a", "--reflink=auto", str(self.scratch.template(self.version)), str(self.data)]))
        self._write_conf()
        self._run()
        self._make_roles()

    def _run(self):
        checked(as_server_user([*self.bin("pg_ctl"), "-D", str(self.data), "-l", str(self.log), "-w", "-t", "60", "start"]),
                env={**os.environ, **self.environment})

    def _make_roles(self):
        # What the program asks for in production: no superuser, only REPLICATION, ownership and CREATE.
        self.psql("CREATE ROLE migrator LOGIN REPLICATION; CREATE ROLE app LOGIN;")

    def pid(self):
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, IndexError, ValueError):
            return None

    def stop(self, mode="fast"):
        pid = self.pid()
        if pid is None:
            return
        try:
            os.kill(pid, {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
        except ProcessLookupError:
            return
        try:
            wait_until("the server to stop", lambda: self.pid() is None or not pathlib.Path(f"/proc/{pid}").exists(), 30)
        except HarnessError:
            os.kill(pid, signal.SIGKILL)

    def remove(self):
        """Its processes and its files."""
        self.stop("immediate")
        shutil.rmtree(self.dir, ignore_errors=True)

    def restart(self, mode="fast"):
        self.stop(mode)
        self._run()

    # -- clients

    def conninfo(self, database="postgres", user="postgres"):
        return f"host={self.host} port={self.port} user={user} dbname={database}"

    def uri(self, database="postgres", user="postgres"):
        host = self.host.replace("/", "%2F")
        return f"postgresql://{user}@{host}:{self.port}/{database}"

    def psql(self, sql, database="postgres", user="postgres", timeout=120):
        """Runs statements, stops at the first error, returns the unaligned tuples."""
        try:
            done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(database, user), "-f", "-"],
                                  input=sql, capture_output=True, text=True, timeout=timeout * PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise HarnessError(f"psql: no answer within {error.timeout:.0f} s\n  in: {sql[:400]}") from None
        if done.returncode != 0:
            raise HarnessError(f"psql: {done.stderr.strip()}\n  in: {sql[:400]}")
        return done.stdout.strip()

    def dump_schema(self, database, *options):
        """pg_dump --schema-only, without the lines that differ each time."""
        text = checked([*self.bin("pg_dump"), "--schema-only", *options, "-d",
                        f"host={'127.0.0.1'} port={self.port} user=postgres dbname={database}"])
        return [line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict", "--"))]

    def log_text(self):
        try:
            return self.log.read_text(errors="replace")
        except OSError:
            return ""

    # -- replication

    def standby(self, name="standby"):
        """A streaming standby of this server, caught up when this returns."""
        standby = Server(self.scratch, self.scratch.new_dir(name), self.version, self.conf)
        standby.host, standby.standby_of = str(standby.dir), self
        self.scratch.servers.append(standby)
        checked(as_server_user([*self.bin("pg_basebackup"), "-D", str(standby.data), "-X", "stream", "-R", "-c", "fast",
                                "-d", self.conninfo() + f" application_name={name}"]))
        standby._write_conf()
        standby._run()
        wait_until("the standby to stream", lambda: self.psql(
            f"SELECT count(*) FROM pg_stat_replication WHERE application_name = '{name}' AND state = 'streaming'") == "1")
        return standby
