"""How long the swap keeps others waiting when much hangs on the table: ten children, five views, five triggers."""

import re
import statistics

from common import Scratch, migrate, print_table, sys
from workload import Workload

SCHEMA = """
CREATE TABLE t (id int PRIMARY KEY, n bigint NOT NULL, pad text);
INSERT INTO t SELECT i, 0, repeat('x', 100) FROM generate_series(0, 99999) AS i;
CREATE INDEX t_n ON t (n);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
DO $$ BEGIN
  FOR i IN 1..10 LOOP
    EXECUTE format('CREATE TABLE child%s (id bigserial PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE)', i);
    EXECUTE format('CREATE INDEX ON child%s (t)', i);
  END LOOP;
  FOR i IN 1..5 LOOP
    EXECUTE format('CREATE VIEW v%s AS SELECT id, n FROM %s', i, CASE WHEN i < 4 THEN 't' ELSE 'v' || i - 3 END);
    EXECUTE format('CREATE TRIGGER g%s BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nothing()', i);
  END LOOP;
END $$;
GRANT ALL ON ALL TABLES IN SCHEMA public TO app; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app;
"""
SCRIPT = """\\set i random(0, 99999)
\\set c random(1, 10)
BEGIN;
UPDATE v4 SET n = n + 1 WHERE id = :i;
INSERT INTO child:c (t) VALUES (:i);
COMMIT;
"""


def main():
    cutovers = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    program = sys.argv[3] if len(sys.argv) > 3 else None
    blocked, attempts, errors = [], 0, []
    with Scratch() as scratch:
        server = scratch.server("bench")
        server.psql("CREATE DATABASE bench OWNER migrator")
        server.psql(SCHEMA, "bench", "migrator")
        script = scratch.path / "w.sql"
        script.write_text(SCRIPT)
        load = Workload(server, "bench", scratch.path, [script], 8, "simple", rate)
        try:
            for number in range(cutovers):
                took, _, _, log = migrate(server, "bench", scratch, "public.t", "", program, old_table="drop")
                found = re.findall(r"blocked[^\n\d]*([\d.,]+) ?ms", log)
                blocked.append(float(found[-1].replace(",", "")))
                attempts += len(re.findall("was called off", log))
                print(f"cutover {number + 1}: blocked {blocked[-1]:.1f} ms, whole migration {took:.1f} s", flush=True)
        finally:
            errors = load.stop()
    print(f"\n{cutovers} cutovers of 100,000 rows, ten children, five views, five triggers, under {rate} transactions/s "
          f"offered; {attempts} attempts were called off\n")
    print_table(["", "median", "worst", "aim"],
                [["blocked, ms", f"{statistics.median(blocked):.1f}", f"{max(blocked):.1f}", "100"]])
    print(f"\nclients: {len(errors)} errors")
    return 1 if errors or max(blocked) > 100 else 0


sys.exit(main())
