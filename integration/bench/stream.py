"""The change stream into the durable ledger against pg_recvlogical to /dev/null: the same WAL, the same options.

Beside the seconds stand the processor seconds of client and server: where other work shares the machine, these say more.
"""

import os
import shutil
import statistics
import subprocess

from common import CONF, REPO, HarnessError, Scratch, print_table, sys, timed
from processor import children_seconds, processor_seconds

BENCH = os.environ.get("PGWRAITH_STREAM", str(REPO / "build/release/integration/bench/pgwraith_stream"))
WORK_MEM = "256MB"  # logical_decoding_work_mem as the program sets it for its own stream
KEYS = {"int": ("int", "i"), "uuid": ("uuid", "md5(i::text)::uuid")}

# Rows per transaction, share of all updates, one statement for the rows of transaction number i.
KINDS = {
    "1 row": (1, 0.1, "UPDATE t SET n = n + 1 WHERE number = 1 + (hashint4(i) & 1073741823) % {rows}"),
    "100 rows": (100, 0.4, "UPDATE t SET n = n + 1 WHERE number IN "
                           "(SELECT 1 + (hashint4(i * 100 + j) & 1073741823) % {rows} FROM generate_series(1, 100) AS j)"),
    "100,000 rows": (100_000, 0.5, "UPDATE t SET n = n + 1 WHERE number > i * 100000 % {rows} "
                                   "AND number <= i * 100000 % {rows} + 100000"),
}


class Backlog:
    """A slot that stands before a stretch of WAL, and the end of that stretch."""

    def __init__(self, server, name):
        self.server, self.name, self.count = server, name, 0
        server.psql(f"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')", "bench")

    def ends(self):
        # A transaction of its own, so that the last one that counts is decoded whichever tool asks.
        self.server.psql("SELECT pg_logical_emit_message(true, 'bench', 'end')", "bench")
        self.end = self.server.psql("SELECT pg_current_wal_lsn()", "bench")
        self.server.psql("SELECT pg_logical_emit_message(true, 'bench', 'beyond')", "bench")
        return self

    def copy(self):
        self.count += 1
        name = f"{self.name}_{self.count}"
        self.server.psql(f"SELECT pg_copy_logical_replication_slot('{self.name}', '{name}')", "bench")
        return name

    def drop(self, slot):
        self.server.psql(f"SELECT pg_drop_replication_slot('{slot}')", "bench")


def fill(server, rows, key):
    sql_type, expression = KEYS[key]
    server.psql("CREATE DATABASE bench OWNER migrator")
    server.psql(f"""
        CREATE TABLE t (id {sql_type} PRIMARY KEY, number int NOT NULL, n int NOT NULL, note text) WITH (fillfactor = 50);
        INSERT INTO t SELECT {expression}, i, 0, 'note ' || i FROM generate_series(1, {rows}) AS i;
        CREATE INDEX ON t (number);
        VACUUM (ANALYZE) t;
        CREATE PUBLICATION bench FOR TABLE t (id)""", "bench", "migrator", 600)


def write(server, rows, kind, changes):
    per_transaction, share, statement = KINDS[kind]
    transactions = max(1, int(changes * share / per_transaction))
    server.psql(f"""
        SET synchronous_commit = off;
        DO $$ BEGIN FOR i IN 1..{transactions} LOOP {statement.format(rows=rows)}; COMMIT; END LOOP; END $$""",
                "bench", "migrator", 3600)


class Cost:
    """Seconds, and processor seconds of the client and of the server, of a piece of work."""

    def __init__(self, server, work):
        client, serving = children_seconds(), processor_seconds(server.pid())
        self.seconds = timed(work)
        self.client, self.server = children_seconds() - client, processor_seconds(server.pid()) - serving


def median(costs, what):
    return statistics.median(getattr(cost, what) for cost in costs)


def recvlogical(server, backlog):
    slot = backlog.copy()
    argv = [*server.bin("pg_recvlogical"), "-d", server.conninfo("bench", "migrator"), "--slot", slot, "--start", "-f",
            "/dev/null", "-n", "-o", "proto_version=1", "-o", "publication_names=bench", "-o", "messages=true",
            "--endpos", backlog.end]
    env = {**os.environ, "PGOPTIONS": f"-c logical_decoding_work_mem={WORK_MEM}"}
    try:
        return Cost(server, lambda: subprocess.run(argv, check=True, env=env, timeout=600))
    finally:
        backlog.drop(slot)


def ours(server, backlog, table, state):
    slot = backlog.copy()
    argv = [BENCH, server.conninfo("bench", "migrator"), slot, "bench", table, "id", str(state), backlog.end]
    done = []
    try:
        cost = Cost(server, lambda: done.append(subprocess.run(argv, capture_output=True, text=True, timeout=600,
                                                               check=False)))
        if done[0].returncode != 0:
            raise HarnessError(done[0].stderr)
        return cost, done[0].stdout.split()
    finally:
        shutil.rmtree(state, ignore_errors=True)
        backlog.drop(slot)


def main():
    changes = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    key = sys.argv[3] if len(sys.argv) > 3 else "int"
    rows = min(1_000_000, changes)
    with Scratch() as scratch:
        server = scratch.server("bench", conf=CONF)
        fill(server, rows, key)
        table = server.psql("SELECT 't'::regclass::oid", "bench")
        backlogs, whole = {}, Backlog(server, "whole")
        for number, kind in enumerate(KINDS):
            backlogs[kind] = Backlog(server, f"part{number}")
            write(server, rows, kind, changes)
            backlogs[kind].ends()
        backlogs["all three"] = whole.ends()

        costs = {kind: ([], []) for kind in backlogs}
        seen = {}
        for _ in range(rounds):
            for kind, backlog in backlogs.items():
                costs[kind][0].append(recvlogical(server, backlog))
                cost, seen[kind] = ours(server, backlog, table, scratch.path / "state")
                costs[kind][1].append(cost)
    print(f"\n{changes} updates of a table of {rows} rows, key {key}; from the slot until durable; median of {rounds}\n")
    lines = []
    for kind, (theirs, mine) in costs.items():
        count, _, _, peak, pending = seen[kind]
        a, b = median(theirs, "seconds"), median(mine, "seconds")
        lines.append([kind, count, f"{a:.2f}", f"{b:.2f}", f"{a / b:.2f}", f"{int(count) / b:,.0f}"] +
                     [f"{median(costs_of, what):.2f}" for costs_of in (theirs, mine) for what in ("client", "server")] +
                     [f"{int(peak) / 1024:.0f}", pending])
    print_table(["transactions of", "changes", "pg_recvlogical, s", "pgwraith, s", "rate ratio", "changes/s",
                 "CPU s: pg_recvlogical", "its server", "pgwraith", "its server", "memory MiB", "keys"], lines)


if __name__ == "__main__":
    main()
