"""Ten times the rows: ten times the time? And ten times the memory?"""

import statistics

from common import CONF, Scratch, migrate, print_table, sys
from peers import FILLED, fill


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    results = {rows: ([], []), 10 * rows: ([], [])}
    with Scratch() as scratch:
        servers = {}
        for size in results:
            servers[size] = scratch.server("bench", conf=CONF)
            fill(servers[size], size)
        for _ in range(rounds):
            for size, (seconds, memory) in results.items():
                server = servers[size]
                server.psql(f"CREATE DATABASE run OWNER migrator TEMPLATE {FILLED} STRATEGY FILE_COPY", timeout=600)
                server.psql("CHECKPOINT")
                took, _, peak, _ = migrate(server, "run", scratch, "public.t", "", old_table="drop")
                seconds.append(took)
                memory.append(peak)
                server.psql("DROP DATABASE run WITH (FORCE)")
    base = statistics.median(results[rows][0])
    print(f"\nrebuild as it is, verify full, idle server, median of {rounds}\n")
    print_table(["rows", "seconds", "ratio", "memory MiB", "all seconds"],
                [[size, f"{statistics.median(seconds):.2f}", f"{statistics.median(seconds) / base:.1f}",
                  f"{max(memory):.0f}", " ".join(f"{took:.2f}" for took in seconds)]
                 for size, (seconds, memory) in results.items()])


main()
