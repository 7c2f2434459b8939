"""What verification costs: a table of random uuid keys beside one of bigint keys, rows and all else alike.

Tables and shadow are larger than shared_buffers, and where a memory cgroup can be made (version 1, as root) the server
and its page cache get less than the tables need, so that what is read twice is read from the disk twice. Each program
given verifies the same two migrations, one after the other, in turns: seconds, processor time of the server, blocks
that were not in shared_buffers, bytes that came from the disk.
"""

import pathlib
import re

from common import HarnessError, PROGRAM, Run, Scratch, json, os, print_table, sys, time
from phases import Meter, processor_seconds

os.environ.setdefault("TMPDIR", "/var/tmp")  # a disk, not memory
GROUP = pathlib.Path("/sys/fs/cgroup/memory/pgwraith-bench")
KEYS = {"bigint": "bigint GENERATED ALWAYS AS IDENTITY", "uuid": "uuid DEFAULT gen_random_uuid()"}


def fill(server, table, key, rows):
    server.psql(f"""
        CREATE TABLE {table} (id {key} PRIMARY KEY, customer int NOT NULL, created timestamptz NOT NULL, note text);
        INSERT INTO {table} (customer, created, note)
        SELECT hashint4(i) % 100000, timestamptz '2024-01-01' + i * interval '1 s', 'note ' || md5(i::text)
        FROM generate_series(1, {rows}) AS i; VACUUM (ANALYZE) {table}""", "bench", "migrator", 3600)


def children(server):
    return pathlib.Path(f"/proc/{server.pid()}/task/{server.pid()}/children").read_text().split()


def limit(server, mib):
    """The server's memory, page cache included. False: there is no such group here."""
    try:
        GROUP.mkdir(exist_ok=True)
        (GROUP / "memory.limit_in_bytes").write_text(str(mib << 20))
        (GROUP / "cgroup.procs").write_text(str(server.pid()))  # what it starts from now on is born there
    except OSError as error:
        print(f"no limit to the page cache: {error}", file=sys.stderr)
        return False
    for pid in children(server):
        try:
            (GROUP / "cgroup.procs").write_text(pid)
        except OSError:
            pass  # it has ended
    return True


def read_bytes(server):
    """From the disk, by the server and those of its children that live."""
    total = 0
    for pid in (server.pid(), *children(server)):
        try:
            total += int(re.search(r"^read_bytes: (\d+)", pathlib.Path(f"/proc/{pid}/io").read_text(), re.M)[1])
        except OSError:
            pass  # it has ended
    return total


def blocks_read(server):
    return int(server.psql("SELECT blks_read FROM pg_stat_database WHERE datname = 'bench'", "bench"))


def caches(dropped):
    if dropped:
        os.sync()
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("1")


class Ready:
    """A migration that awaits its swap: it can be verified again and again."""

    def __init__(self, server, scratch, program, table):
        directory = scratch.new_dir("run")
        config = directory / "change.yaml"
        values = {"connection": server.uri("bench", "migrator"), "table": f"public.{table}", "strategy": "shadow", "verify": "off",
                  "sql": f"ALTER TABLE {table} ALTER COLUMN customer TYPE bigint", "cutover": {"mode": "manual"},
                  "state_dir": str(directory / "state")}
        config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()))
        self.program, self.config = program, config
        self.run = Run(program, config, directory / "state", directory / "run.log")
        self.run.wait_phase("ready", timeout=3600)

    def verify(self):
        done = self.run.status()["verifications"]
        code, answer = self.run.post("/verify")
        if code != 202:
            raise HarnessError(f"/verify: {code} {answer}")
        while True:
            status = self.run.status()
            if status and status["verifications"] > done:
                break
            time.sleep(0.02)
        again = re.findall(r"verified: .*?([\d,]+) of them looked at again", self.run.log())[-1]
        return int(again.replace(",", ""))

    def end(self):
        self.run.kill()


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    memory = int(sys.argv[2]) if len(sys.argv) > 2 else 512
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    programs = sys.argv[4:] or [PROGRAM]
    with Scratch() as scratch:
        server = scratch.server("bench", conf={"shared_buffers": "128MB", "max_wal_size": "1GB"})
        server.psql("CREATE DATABASE bench OWNER migrator")
        meter = Meter(server)
        for name, key in KEYS.items():
            for number in range(len(programs)):
                fill(server, f"{name}_{number}", key, rows)
        ready = {(program, name): Ready(server, scratch, program, f"{name}_{number}")
                 for number, program in enumerate(programs) for name in KEYS}
        server.psql("CHECKPOINT", "bench")
        size = server.psql("SELECT pg_size_pretty(sum(pg_total_relation_size(oid))) FROM pg_class WHERE relkind = 'r' AND relname "
                           f"~ '^(bigint|uuid)_0$'", "bench")
        limited = limit(server, memory)
        found = {which: [] for which in ready}
        for _ in range(rounds):
            for which, migration in ready.items():
                caches(limited)
                before = time.monotonic(), meter.server(), processor_seconds(migration.run.process.pid), blocks_read(server)
                disk = read_bytes(server)
                again = migration.verify()
                time.sleep(1.2)  # for the server's statistics; the waiting costs no processor time
                after = time.monotonic() - 1.2, meter.server(), processor_seconds(migration.run.process.pid), blocks_read(server)
                found[which].append([b - a for a, b in zip(before, after)] + [read_bytes(server) - disk, again])
        for migration in ready.values():
            migration.end()
        print(f"\n{rows} rows, live tables without the shadows {size}, shared_buffers 128 MB, "
              + (f"{memory} MB for the server and its page cache" if limited else "no limit to the page cache")
              + f", {os.cpu_count()} cores, PostgreSQL {server.psql('SHOW server_version')}, medians of {rounds}\n")
    if limited:
        GROUP.rmdir()  # nobody is in it any more
    lines = []
    for (program, name), figures in found.items():
        seconds, cpu, own, blocks, disk, again = (sorted(column)[len(column) // 2] for column in zip(*figures))
        lines.append([program, name, f"{seconds:.1f}", f"{cpu:.2f}", f"{own:.2f}", blocks, f"{disk / 2**20:.0f}", again])
    print_table(["program", "key", "seconds", "server's CPU, s", "program's CPU, s", "blocks read", "from disk, MiB",
                 "rows looked at by key"], lines)


if __name__ == "__main__":
    main()
