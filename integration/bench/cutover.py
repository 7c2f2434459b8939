"""How long the swap keeps others waiting: many cutovers of a table that takes 1,000 transactions/s."""

import re
import statistics

from common import Scratch, migrate, print_table, sys
from workload import Workload


def main():
    cutovers = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    blocked, seconds, errors = [], [], []
    with Scratch() as scratch:
        server = scratch.server("bench")
        server.psql("CREATE DATABASE bench OWNER migrator")
        server.psql("CREATE TABLE t (id int PRIMARY KEY, n bigint NOT NULL, pad text);"
                    "INSERT INTO t SELECT i, 0, repeat('x', 100) FROM generate_series(0, 99999) AS i;"
                    "CREATE INDEX t_n ON t (n); GRANT ALL ON t TO app", "bench", "migrator")
        script = scratch.path / "w.sql"
        script.write_text("\\set i random(0, 99999)\nUPDATE t SET n = n + 1 WHERE id = :i;\n")
        load = Workload(server, "bench", scratch.path, [script], 8, "prepared", rate)
        try:
            for number in range(cutovers):
                took, _, _, log = migrate(server, "bench", scratch, "public.t", "", old_table="drop")
                found = re.findall(r"blocked[^\n\d]*([\d.,]+) ?ms", log)
                blocked.append(float(found[-1].replace(",", "")))
                seconds.append(took)
                print(f"cutover {number + 1}: blocked {blocked[-1]:.1f} ms, whole migration {took:.1f} s", flush=True)
        finally:
            errors = load.stop()
        latencies = load.latencies_ms()
    print(f"\n{cutovers} cutovers of 100,000 rows under {rate} transactions/s offered, 8 clients, prepared\n")
    print_table(["", "median", "worst", "aim"],
                [["blocked, ms", f"{statistics.median(blocked):.1f}", f"{max(blocked):.1f}", "10 / 100"],
                 ["migration, s", f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}", ""]])
    at = lambda share: latencies[int(len(latencies) * share) - 1] if latencies else 0  # noqa: E731
    print(f"\nclients: {len(latencies)} transactions, p50 {at(0.5):.1f}, p99 {at(0.99):.1f}, "
          f"worst {at(1):.1f} ms (time behind schedule included), {len(errors)} errors")
    return 1 if errors else 0


sys.exit(main())
