"""Ten times the rows, and ten times that: the time for each row, the memory, the WAL kept by the slot, the ledger. The
table is rebuilt as it is, all rows are compared, an application writes it; server and program have their defaults.
"""

import os

from common import DEFAULTS, HOST_VERSION, Scratch, migrate, print_table, sys, time
from rivals import FILLED, fill
from shapes import SHAPES
from workload import Workload

MIB = 1 << 20
PHASES = ("copy", "build", "catch_up", "verify", "cutover")


def measure(scratch, rows, rate):
    shape = SHAPES["narrow"]
    server = scratch.server(f"rows-{rows}", HOST_VERSION, conf=DEFAULTS)
    fill(server, shape, rows)
    size = int(server.psql("SELECT pg_total_relation_size('t')", FILLED)) / MIB
    server.psql("CHECKPOINT")
    script = scratch.path / "w.sql"
    script.write_text(f"\\set i random(1, {rows})\nUPDATE t SET n = n + 1 WHERE id = :i;\n")
    load = Workload(server, FILLED, scratch.path, [script], 8, "prepared", rate, name=f"load{rows}") if rate else None
    seen = []
    errors = []
    try:
        took, last, memory, _ = migrate(server, FILLED, scratch, "public.t", "", old_table="drop", look=seen.append)
    finally:
        errors = load.stop() if load else []
    server.stop()
    if errors:
        sys.exit(f"clients saw {len(errors)} errors, the first: {errors[0]}")
    peak = lambda key: max((status.get(key) or 0 for status in seen), default=0)  # noqa: E731
    phases = [f"{last.get('phase_ms', {}).get(phase, 0) * 1000 / rows:.2f}" for phase in PHASES]
    return [f"{rows:,}", f"{size:,.0f}", f"{took:.1f}", f"{took * 1e6 / rows:.2f}", *phases, f"{memory:.0f}",
            f"{peak('retained_wal_bytes') / MIB:,.0f}", f"{peak('ledger_bytes') / MIB:,.1f}", f"{peak('pending_changes'):,}"]


def main():
    sizes = [int(size) for size in (sys.argv[1] if len(sys.argv) > 1 else "1000000,10000000,100000000").split(",")]
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    lines = []
    with Scratch() as scratch:
        for rows in sizes:
            lines.append(measure(scratch, rows, rate))
            print(f"{lines[-1][0]} rows: {lines[-1][2]} s", file=sys.stderr)
    print(f"\nPostgreSQL {HOST_VERSION}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}, {rate} transactions/s offered; "
          "the phases in microseconds for each row\n")
    print_table(["rows", "MiB", "seconds", "µs/row", *PHASES, "memory, MiB", "WAL kept, MiB", "ledger, MiB", "keys pending"], lines)


main()
