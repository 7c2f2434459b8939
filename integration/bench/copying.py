"""The copy by INSERT … SELECT and by the COPY protocol, beside the same two as bare SQL in two sessions, in turn.

Seconds are those of the phase; on a machine that does other work only their ratios say something. The processor time is
what all processes of the server, and the program (or psql), used meanwhile.
"""

import statistics
import subprocess

from common import Scratch, print_table, sys
from phases import DEFAULTS, Meter, at_once, fill, reached

WAYS = ("insert", "copy")
TARGET = "CREATE TABLE bare (id bigint, customer int NOT NULL, created timestamptz NOT NULL, note text) WITH (autovacuum_enabled = off)"


def halves(server):
    half = int(server.psql("SELECT relpages / 2 FROM pg_class WHERE relname = 't'", "bench"))
    return f"ctid < '({half},0)'", f"ctid >= '({half},0)'"


def piped(server):
    """COPY … TO STDOUT | COPY … FROM STDIN, twice."""
    uri = server.uri("bench", "migrator")
    pipes = []
    for where in halves(server):
        out = subprocess.Popen(["psql", "-qX", "-d", uri, "-c", f"COPY (SELECT id::bigint, customer, created, note FROM ONLY t WHERE {where}) TO STDOUT (FORMAT binary)"],
                               stdout=subprocess.PIPE)
        pipes += [out, subprocess.Popen(["psql", "-qX", "-d", uri, "-c", "COPY bare FROM STDIN (FORMAT binary)"], stdin=out.stdout)]
        out.stdout.close()
    for process in pipes:
        process.wait()


def bare(server, meter, way):
    server.psql("DROP TABLE IF EXISTS bare", "bench", "migrator")
    server.psql(TARGET, "bench", "migrator")
    if way == "insert":
        work = lambda: at_once(server, [f"INSERT INTO bare SELECT * FROM ONLY t WHERE {where}" for where in halves(server)])
    else:
        work = lambda: piped(server)
    seconds, used, wal = meter.measure(work)
    return seconds, used, None, wal


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    found = {(how, way): [] for how in ("bare SQL", "pgwraith") for way in WAYS}
    with Scratch() as scratch:
        server = scratch.server("bench", conf=DEFAULTS)
        server.psql("CREATE DATABASE bench OWNER migrator")
        meter = Meter(server)
        for _ in range(rounds):
            for way in WAYS:
                fill(server, rows)
                found["bare SQL", way].append(bare(server, meter, way))
                server.psql("DROP TABLE bare; CHECKPOINT", "bench")
                phases, _clock = reached(server, meter, scratch, "off", copy={"method": way})
                found["pgwraith", way].append(phases["copy"])
        print(f"\n{rows} rows, two workers, {rounds} rounds in turn, medians, PostgreSQL {server.psql('SHOW server_version')} with its defaults\n")
    lines = []
    for (how, way), measured in found.items():
        medians = [None if None in values else statistics.median(values) for values in zip(*measured)]
        lines.append([how, way] + ["" if value is None else f"{value:.2f}" for value in medians[:3]] + [f"{medians[3]:.0f}"])
    print_table(["", "way", "seconds", "server's CPU, s", "program's CPU, s", "WAL, MiB"], lines)


if __name__ == "__main__":
    main()
