"""A new column filled in place, beside the single UPDATE and beside the shadow table, under clients, autovacuum on."""

import re
import threading

from common import DEFAULTS, HarnessError, Scratch, migrate, print_table, sys, time
from servers import wait_until
from workload import Workload

FILLED = "filled"
ADD = "ALTER TABLE public.t ADD COLUMN status text"
VALUE = "CASE WHEN customer % 10 = 0 THEN 'new' ELSE 'shipped' END"
MIB = 1024 * 1024


def make(server, rows):
    server.psql(f"CREATE DATABASE {FILLED} OWNER migrator")
    server.psql(f"""
        CREATE TABLE t (id int PRIMARY KEY, customer int NOT NULL, created timestamptz NOT NULL, n int NOT NULL, note text);
        INSERT INTO t SELECT i, hashint4(i) % 100000, timestamptz '2024-01-01' + i * interval '1 s', 0, 'note ' || md5(i::text)
        FROM generate_series(1, {rows}) AS i;
        CREATE INDEX t_customer ON t (customer); CREATE INDEX t_created ON t (created, customer);
        GRANT ALL ON t TO app""", FILLED, "migrator", 3600)
    server.psql("VACUUM (FREEZE, ANALYZE) t", FILLED, "migrator", 3600)


def single_update(server, database, _):
    server.psql(ADD, database, "migrator")
    server.psql(f"UPDATE t SET status = {VALUE}", database, "migrator", 7200)


def pgwraith(strategy):
    def run(server, database, scratch):
        migrate(server, database, scratch, "public.t", ADD, strategy=strategy, values={"status": VALUE}, old_table="drop")
    return run


CLIENTS = 16
WAYS = {"UPDATE, one statement": single_update, "pgwraith, in place": pgwraith("direct"),
        "pgwraith, shadow": pgwraith("shadow")}


class Lag(threading.Thread):
    """How far the standby's replay was behind at worst, in seconds, as the primary's clock sees it."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.worst, self.ends = server, 0.0, threading.Event()

    def run(self):
        seen = []  # the primary's position, and when it was there
        while not self.ends.wait(0.25):
            position, replayed = self.server.psql(
                "SELECT pg_current_wal_lsn() - '0/0', replay_lsn - '0/0' FROM pg_stat_replication LIMIT 1").split("|")
            seen.append((time.monotonic(), int(position)))
            while len(seen) > 1 and seen[1][1] <= int(replayed):
                seen.pop(0)
            if seen[0][1] > int(replayed):
                self.worst = max(self.worst, time.monotonic() - seen[0][0])


def measure(server, scratch, name, work, rate, script, with_standby):
    database = re.sub(r"\W+", "_", name).lower()
    server.psql(f"CREATE DATABASE {database} OWNER migrator TEMPLATE {FILLED} STRATEGY FILE_COPY", timeout=3600)
    server.psql("CHECKPOINT", timeout=600)
    if with_standby:
        wait_until("the standby to have the database", lambda: server.psql(
            "SELECT bool_and(replay_lsn >= pg_current_wal_lsn()) FROM pg_stat_replication") == "t", 600)
    lag = Lag(server) if with_standby else None
    if lag:
        lag.start()
    load = Workload(server, database, scratch.path, [script], CLIENTS, "prepared", rate, name=database)
    try:
        load.wait_progress(60)
        before = server.psql("SELECT pg_current_wal_insert_lsn()")
        begin = time.monotonic()
        work(server, database, scratch)
        seconds = time.monotonic() - begin
        wal = int(server.psql(f"SELECT (pg_current_wal_insert_lsn() - '{before}')::bigint"))
        size = int(server.psql("SELECT pg_total_relation_size('t')", database))
        load.wait_logged()
    finally:
        errors = load.stop()
        if lag:
            lag.ends.set()
            lag.join()
    if errors:
        raise HarnessError(f"clients saw {len(errors)} errors, the first: {errors[0]}")
    if server.psql("SELECT count(*) FROM t WHERE status IS NULL", database, timeout=600) != "0":
        raise HarnessError(f"{name}: the column is not filled")
    latencies = load.latencies_ms()
    server.psql(f"DROP DATABASE {database} WITH (FORCE)", timeout=600)
    return [name, f"{seconds:.1f}", f"{wal / MIB:,.0f}", f"{size / MIB:,.0f}",
            f"{latencies[int(len(latencies) * 0.99)]:,.0f}", f"{latencies[-1]:,.0f}", f"{lag.worst:.1f}" if lag else ""]


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with_standby = "no-standby" not in sys.argv[3:]
    with Scratch() as scratch:
        server = scratch.server("bench", conf=DEFAULTS)
        make(server, rows)
        if with_standby:
            server.psql("GRANT pg_monitor TO migrator")  # what the throttle reads of a standby of another role's
            server.standby()
        size = int(server.psql("SELECT pg_total_relation_size('t')", FILLED))
        script = scratch.path / "w.sql"
        script.write_text(f"\\set i random(1, {rows})\nUPDATE t SET n = n + 1 WHERE id = :i;\n")
        results = [measure(server, scratch, name, work, rate, script, with_standby) for name, work in WAYS.items()]
    print(f"\n{rows:,} rows ({size / MIB:,.0f} MiB with three indexes) get a text column, {rate} transactions/s of {CLIENTS} clients, "
          "server defaults, autovacuum on. Latencies include the time behind schedule.\n")
    print_table(["", "seconds", "WAL MiB", "size afterwards, MiB", "clients p99, ms", "longest wait, ms", "replica lag, s"],
                results)


main()
