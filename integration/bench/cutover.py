"""How long the swap keeps others waiting: many cutovers of a table that takes 1,000 transactions/s.

The table has a foreign key, one that points at it, a view, a trigger and a serial; the server has its defaults.
"""

import re
import statistics

from common import Scratch, migrate, print_table, sys
from workload import Workload

SCHEMA = """
CREATE TABLE customer (id int PRIMARY KEY);
INSERT INTO customer SELECT generate_series(0, 999);
CREATE TABLE t (id serial PRIMARY KEY, n bigint NOT NULL DEFAULT 0, customer int NOT NULL REFERENCES customer, pad text);
INSERT INTO t (customer, pad) SELECT i % 1000, repeat('x', 100) FROM generate_series(1, 100000) AS i;
CREATE INDEX t_n ON t (n);
CREATE TABLE line (id bigserial PRIMARY KEY, t int NOT NULL REFERENCES t);
CREATE INDEX line_t ON line (t);
CREATE VIEW shown AS SELECT id, n, customer FROM t;
CREATE FUNCTION not_negative() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := greatest(NEW.n, 0); RETURN NEW; END $$;
CREATE TRIGGER not_negative BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION not_negative();
GRANT ALL ON ALL TABLES IN SCHEMA public TO app; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app;
"""
SCRIPTS = {
    "update": "\\set i random(1, 100000)\nUPDATE shown SET n = n + 1 WHERE id = :i;\n",
    "insert": "\\set i random(1, 100000)\nINSERT INTO t (customer) VALUES (:i % 1000);\n",
    "line": "\\set i random(1, 100000)\nINSERT INTO line (t) VALUES (:i);\n",
}
PARTS = ("locks", "stream", "last keys", "statements", "commit")


def parts_of(log):
    """{part: milliseconds} of the swap."""
    line = re.search(r"the swap took: (.*)", log)[1]
    return {part: float(re.search(rf"{part} ([\d.]+) ms", line)[1]) for part in PARTS}


def main():
    cutovers = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    blocked, seconds, parts, errors = [], [], [], []
    with Scratch() as scratch:
        server = scratch.server("bench")
        server.psql("CREATE DATABASE bench OWNER migrator")
        server.psql(SCHEMA, "bench", "migrator")
        scripts = []
        for name, text in SCRIPTS.items():
            scripts.append(scratch.path / f"{name}.sql")
            scripts[-1].write_text(text)
        load = Workload(server, "bench", scratch.path, scripts, 8, "prepared", rate)
        try:
            for number in range(cutovers):
                took, _, _, log = migrate(server, "bench", scratch, "public.t", "", old_table="drop")
                blocked.append(float(re.search(r"swapped: others waited ([\d.]+) ms", log)[1]))
                seconds.append(took)
                parts.append(parts_of(log))
                print(f"cutover {number + 1}: blocked {blocked[-1]:.1f} ms, whole migration {took:.1f} s", flush=True)
        finally:
            errors = load.stop()
        latencies = load.latencies_ms()
    print(f"\n{cutovers} cutovers of 100,000 rows under {rate} transactions/s offered, 8 clients, prepared\n")
    print_table(["", "median", "worst", "aim"],
                [*([part + ", ms", f"{statistics.median(found):.1f}", f"{max(found):.1f}", ""]
                   for part in PARTS for found in [[took[part] for took in parts]]),
                 ["blocked, ms", f"{statistics.median(blocked):.1f}", f"{max(blocked):.1f}", "10 / 100"],
                 ["migration, s", f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}", ""]])
    at = lambda share: latencies[int(len(latencies) * share) - 1] if latencies else 0  # noqa: E731
    print(f"\nclients: {len(latencies)} transactions, p50 {at(0.5):.1f}, p99 {at(0.99):.1f}, "
          f"worst {at(1):.1f} ms (time behind schedule included), {len(errors)} errors")
    return 1 if errors else 0


sys.exit(main())
