import time

from program import Run
from servers import PATIENCE, wait_until

# A table for each, so that they all wait for the same report: what they do is in direct_kinds.
CHANGES = [
    ("ALTER TABLE {t} ADD COLUMN status text NOT NULL DEFAULT 'new'", {}),
    ("ALTER TABLE {t} ADD PRIMARY KEY (id), ALTER COLUMN a SET NOT NULL", {}),
    ("ALTER TABLE {t} ADD FOREIGN KEY (p) REFERENCES parent ON DELETE CASCADE", {}),
    ("ALTER TABLE {t} ALTER COLUMN c TYPE varchar(20), ADD CHECK (a < 1000000), VALIDATE CONSTRAINT unchecked", {}),
    ("CREATE INDEX ON {t} (a); CREATE UNIQUE INDEX ON {t} (lower(b), id)", {}),
    ("ALTER TABLE {t} ADD UNIQUE (b) INCLUDE (a) DEFERRABLE INITIALLY DEFERRED", {}),
    ("DROP INDEX {t}_gone_idx; ALTER TABLE {t} DROP CONSTRAINT old_check, DROP COLUMN gone", {}),
    ("ALTER TABLE {t} ALTER COLUMN c SET DEFAULT 'x', ALTER COLUMN p SET STATISTICS 50; ALTER TABLE {t} RENAME COLUMN gone TO kept", {}),
    ("ALTER TABLE {t} ADD COLUMN r int REFERENCES parent; CREATE INDEX ON {t} (r)", {}),
    ("ALTER TABLE {t} ADD COLUMN u uuid NOT NULL DEFAULT gen_random_uuid()", {}),
    ("ALTER TABLE {t} ADD COLUMN v int NOT NULL DEFAULT 0", {"v": "coalesce(a, 0)"}),
]
REPORT_SECONDS = 30


def clients_script(tables):
    lines = [f"\\set table random(0, {len(tables) - 1})", "\\set id random(1, 124) * 16 + :client_id", "\\set a random(1, 1000)"]
    for number, table in enumerate(tables):
        lines += [f"\\{'elif' if number else 'if'} :table = {number}", f"UPDATE {table} SET a = :a WHERE id = :id;",
                  f"SELECT count(*) FROM {table} WHERE id = :id;"]
    return "\n".join([*lines, "\\endif", ""])


def run(case):
    tables = [f"t{number}" for number in range(len(CHANGES))]
    case.psql("CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(0, 99)")
    for table in tables:
        case.psql(f"""
            CREATE TABLE {table} (id int NOT NULL, a int, b text, c varchar(10), p int, gone int)
                WITH (autovacuum_vacuum_threshold = 10, autovacuum_vacuum_scale_factor = 0);
            INSERT INTO {table} SELECT i, i, 'b' || i, 'c', i % 100, 1 FROM generate_series(1, 2000) AS i;
            CREATE INDEX {table}_gone_idx ON {table} (gone, a);
            CREATE INDEX {table}_id ON {table} (id);
            ALTER TABLE {table} ADD CONSTRAINT old_check CHECK (a > -5), ADD CONSTRAINT unchecked CHECK (id > 0) NOT VALID""")
    case.superuser("GRANT ALL ON ALL TABLES IN SCHEMA public TO app")
    case.copy_database()
    script = case.dir / "all.sql"
    script.write_text(clients_script(tables))
    load = case.workload([script])
    report = case.session()
    report.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    report.run("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
    report.run("UPDATE t2 SET gone = 2 WHERE id = 2000")  # a foreign key waits for nobody who only reads
    begun = time.monotonic()
    runs = []
    for table, (sql, values) in zip(tables, CHANGES):
        state = case.dir / f"state_{table}"
        config = case.write_config(f"{table}.yaml", table=f"public.{table}", sql=sql.format(t=table), values=values, state_dir=str(state))
        run = Run(case.program, config, state, case.dir / f"{table}.log")
        runs.append(case.closing(run))
    for run in runs:
        run.wait_until("the report to be waited for", lambda run=run: "called off" in run.log() or
                       "waiting for pid" in (run.status() or {}).get("activity", ""), 30)
    # The report takes its time; meanwhile locks are asked for again and again.
    wait_until("the report to end", lambda: time.monotonic() > begun + REPORT_SECONDS, REPORT_SECONDS + 10)
    case.check(not any(run.exited() for run in runs), "all of them have waited for it")
    report.run("COMMIT")
    for run, (sql, _), table in zip(runs, CHANGES, tables):
        case.expect_exit(run, 0)
        case.psql(sql.format(t=table), database=case.expected)
    load.wait_progress()
    load.wait_logged()  # what met the locks after the report is among the figures
    case.stop_workload(load)
    case.check(case.superuser("SELECT sum(autovacuum_count) > 0 FROM pg_stat_user_tables") == "t" or
               "canceling autovacuum" in case.server.log_text(), "autovacuum was there")
    case.check_same_schema()
    case.check_clean()
    waits = load.latencies_ms(own=True)
    case.notes.append(f"{len(waits)} transactions, the slowest {waits[-1]:.0f} ms")
    case.check(len(waits) > 500 / PATIENCE, f"the clients have worked all the time: {len(waits)}")
    case.check(waits[-1] < 500 + 1000 * PATIENCE, f"no client waits for longer than max_blocked and its own time: {waits[-1]} ms")
