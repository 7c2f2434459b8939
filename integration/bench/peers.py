"""pgwraith against pg_repack, pg_squeeze and REPACK (CONCURRENTLY): the same table, rebuilt as it is, verify off."""

import statistics
import subprocess

from common import CONF, HOST_VERSION, HarnessError, Scratch, migrate, print_table, sys, time
from workload import Workload

CONF_HERE = {**CONF, "shared_buffers": "1GB"}
FILLED = "filled"


def pgwraith(server, database, scratch):
    _, status, _, log = migrate(server, database, scratch, "public.t", "", verify="off", old_table="drop")
    return status, log


def pg_repack(server, database, scratch):
    argv = [*server.bin("pg_repack"), "-h", server.host, "-p", str(server.port), "-U", "postgres", "-d", database,
            "-t", "public.t", "-j", "2", "--no-order"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != 0:
        raise HarnessError(f"pg_repack: {done.stdout}{done.stderr}")
    return None, done.stderr


def pg_squeeze(server, database, scratch):
    server.psql("SELECT squeeze.squeeze_table('public', 't')", database, timeout=900)
    # (The column of the code has another name in each version.)
    return None, server.psql("SELECT to_jsonb(e) FROM squeeze.errors AS e", database)


def repack_concurrently(server, database, scratch):
    server.psql("REPACK (CONCURRENTLY) t", database, "migrator", timeout=900)
    return None, ""


def has(server, extension):
    return server.psql(f"SELECT count(*) FROM pg_available_extensions WHERE name = '{extension}'") == "1"


def tools(server):
    found = {"pgwraith": pgwraith}
    if has(server, "pg_repack"):
        found["pg_repack -j2"] = pg_repack
    if has(server, "pg_squeeze") and "pg_squeeze" in server.psql("SHOW shared_preload_libraries"):
        found["pg_squeeze"] = pg_squeeze
    if int(server.psql("SHOW server_version_num")) >= 190000:
        found["REPACK (CONCURRENTLY)"] = repack_concurrently
    return found


def fill(server, rows):
    server.psql(f"CREATE DATABASE {FILLED} OWNER migrator")
    for extension in ("pg_repack", "pg_squeeze"):
        if has(server, extension):
            server.psql(f"CREATE EXTENSION {extension}", FILLED)
    server.psql(f"""
        CREATE TABLE t (id int PRIMARY KEY, customer int NOT NULL, created timestamptz NOT NULL, n int NOT NULL, note text);
        INSERT INTO t SELECT i, hashint4(i) % 100000, timestamptz '2024-01-01' + i * interval '1 s', 0, 'note ' || md5(i::text)
        FROM generate_series(1, {rows}) AS i;
        CREATE INDEX t_customer ON t (customer); CREATE INDEX t_created ON t (created, customer);
        GRANT ALL ON t TO app;
        VACUUM (ANALYZE) t""", FILLED, "migrator", 3600)


def latencies_ms(directory, name, begin, end):
    """Of the transactions that ended between the two moments, time behind schedule included."""
    result = []
    for path in directory.glob(f"{name}.log.[0-9]*"):
        for line in path.read_text().splitlines():
            fields = line.split()
            if len(fields) >= 6 and fields[2].isdigit() and begin <= int(fields[4]) + int(fields[5]) / 1e6 <= end:
                result.append(int(fields[2]) / 1000)
    return sorted(result)


class Bench:
    def __init__(self, scratch, server, rows):
        self.scratch, self.server, self.rows, self.number = scratch, server, rows, 0
        self.script = scratch.path / "w.sql"
        self.script.write_text(f"\\set i random(1, {rows})\nUPDATE t SET n = n + 1 WHERE id = :i;\n")

    def measure(self, tool, rate):
        """Seconds, and the latencies of the application while it ran (empty without load)."""
        self.number += 1
        database, name = f"run{self.number}", f"load{self.number}"
        # STRATEGY: otherwise the copy of the template goes through the WAL, which the slot then has to read.
        self.server.psql(f"CREATE DATABASE {database} OWNER migrator TEMPLATE {FILLED} STRATEGY FILE_COPY", timeout=600)
        self.server.psql("CHECKPOINT")
        load, errors = None, []
        try:
            if rate:
                load = Workload(self.server, database, self.scratch.path, [self.script], 8, "prepared", rate, name=name)
                load.wait_progress(60)
            begin = time.time()
            _, log = tool(self.server, database, self.scratch)
            end = time.time()
        finally:
            if load:
                errors = load.stop()
        if errors:
            raise HarnessError(f"clients saw {len(errors)} errors, the first: {errors[0]}")
        moved = self.server.psql("SELECT oid <> relfilenode FROM pg_class WHERE oid = 't'::regclass", database)
        if tool is not pgwraith and moved != "t":
            raise HarnessError(f"nothing was rebuilt: {log}")
        latencies = latencies_ms(self.scratch.path, name, begin, end) if rate else []
        self.server.psql(f"DROP DATABASE {database} WITH (FORCE)")
        return end - begin, latencies


def main():
    version = sys.argv[1] if len(sys.argv) > 1 else HOST_VERSION
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    rates = [int(rate) for rate in sys.argv[4].split(",")] if len(sys.argv) > 4 else [0, 1000]
    with Scratch() as scratch:
        conf = CONF_HERE
        if (scratch.files(version) / "lib" / "pg_squeeze.so").exists():
            conf = {**conf, "shared_preload_libraries": "pg_squeeze"}
        server = scratch.server("bench", version, conf=conf)
        fill(server, rows)
        bench, found = Bench(scratch, server, rows), tools(server)
        for rate in rates:
            seconds, p99, worst = ({name: [] for name in found} for _ in range(3))
            for number in range(rounds):
                # Everyone comes first and last now and then: the machine's noise is not the same all the time.
                for name in list(found) if number % 2 == 0 else list(found)[::-1]:
                    took, latencies = bench.measure(found[name], rate)
                    seconds[name].append(took)
                    if latencies:
                        p99[name].append(latencies[int(len(latencies) * 0.99) - 1])
                        worst[name].append(latencies[-1])
            print(f"\nPostgreSQL {server.psql('SHOW server_version')}, {rows} rows, primary key and two secondary indexes, "
                  f"{f'{rate} transactions/s offered' if rate else 'idle server'}, median of {rounds}\n")
            ours = statistics.median(seconds["pgwraith"])
            print_table(["", "seconds", "pgwraith against it", "p99, ms", "worst, ms", "all seconds", "all p99"],
                        [[name, f"{statistics.median(all_of):.1f}", f"{ours / statistics.median(all_of):.2f}",
                          f"{statistics.median(p99[name]):.0f}" if p99[name] else "",
                          f"{max(worst[name]):.0f}" if worst[name] else "",
                          " ".join(f"{took:.1f}" for took in all_of), " ".join(f"{each:.0f}" for each in p99[name])]
                         for name, all_of in seconds.items()])
            sys.stdout.flush()


if __name__ == "__main__":
    main()
