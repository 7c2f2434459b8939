from servers import PATIENCE, wait_until

# Each is a migration of its own, and plain statements in the reference: the same, but where a third element says them.
CHANGES = [
    # A column with a constant default, a key that is there already, a key's NOT NULL.
    ("ALTER TABLE t ADD COLUMN status text; CREATE UNIQUE INDEX ON t (id)", {}),
    ("ALTER TABLE t ADD PRIMARY KEY (id), ALTER COLUMN a SET NOT NULL; ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES parent ON DELETE CASCADE", {}),
    ("ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 5 CHECK (n > 0), ALTER COLUMN c TYPE varchar(20)", {}),
    # As a migration tool prints it, in a transaction of its own.
    ("BEGIN; SET lock_timeout = '5s'; CREATE INDEX CONCURRENTLY ON t (a); CREATE INDEX named ON t USING btree (lower(b), a DESC) "
     "INCLUDE (c) WHERE a > 5; COMMIT", {},
     "CREATE INDEX ON t (a); CREATE INDEX named ON t USING btree (lower(b), a DESC) INCLUDE (c) WHERE a > 5"),
    ("ALTER TABLE t ADD CONSTRAINT b_unique UNIQUE (b) INCLUDE (a) DEFERRABLE INITIALLY DEFERRED; "
     "ALTER TABLE t ADD CHECK (a < 1000000), ADD CONSTRAINT later CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT unchecked", {}),
    ("DROP INDEX t_gone_idx; ALTER TABLE t DROP CONSTRAINT old_check, DROP COLUMN gone", {}),
    ("ALTER TABLE t ALTER COLUMN c SET DEFAULT 'x', ALTER COLUMN p SET STATISTICS 50, ALTER COLUMN n DROP NOT NULL; "
     "COMMENT ON COLUMN t.b IS 'text'; ALTER TABLE t RENAME CONSTRAINT later TO sooner; ALTER INDEX named RENAME TO better", {}),
    # A reference with its key and index; another value for each row; a column that is filled, then NOT NULL.
    ("ALTER TABLE t ADD COLUMN r int REFERENCES parent; CREATE INDEX ON t (r); ALTER TABLE t RENAME COLUMN status TO state", {}),
    ("ALTER TABLE t ADD COLUMN u uuid NOT NULL DEFAULT gen_random_uuid()", {}),
    ("ALTER TABLE t ADD COLUMN v int NOT NULL DEFAULT 0", {"v": "coalesce(a, 0)"}),
    # Rows that are changed along with it.
    ("ALTER TABLE t ALTER COLUMN state SET DEFAULT 'new'", {"state": "'old'"}),
]

# What a report keeps from its lock, from the end of a build, from its first chunk.
BESIDE_A_REPORT = [0, 2, 5, 10]


def run(case):
    case.copy_database()
    load = case.workload()
    oid = case.superuser("SELECT 't'::regclass::oid")
    for number, (sql, values, *plain) in enumerate(CHANGES):
        state = case.dir / f"state{number}"
        report = case.session()
        if number in BESIDE_A_REPORT:
            report.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
            report.run("SELECT count(*) FROM t")
        run = case.start(case.write_config(f"{number}.yaml", sql=sql, values=values, state_dir=str(state)), state)
        if number in BESIDE_A_REPORT:
            wait_until("the report to be waited for", lambda: "called off" in run.log() or "waiting for pid" in
                       (run.status() or {}).get("activity", ""), 30)
            report.run("COMMIT")
        case.expect_exit(run, 0)
        case.check_blocked(run.log())
        case.psql(plain[0] if plain else sql, database=case.expected)
    load.wait_progress()
    case.check(case.superuser("SELECT 't'::regclass::oid") == oid, "it is the table that it was")
    case.check(case.superuser("SELECT count(DISTINCT u) = count(*) AND count(state) = count(*) FROM t") == "t", "all rows are filled")
    case.check(case.superuser("SELECT autovacuum_count > 0 FROM pg_stat_user_tables WHERE relname = 't'") == "t" or
               "canceling autovacuum" in case.server.log_text(), "autovacuum was there")
    case.options["twin"] = ["SELECT id, a, b, c, p FROM t", "SELECT id, a, b, c, p FROM twin"]
    case.finish_success(run, [load])
    slowest = load.latencies_ms(own=True)[-1]
    case.notes.append(f"slowest transaction {slowest:.0f} ms")
    case.check(slowest < 500 + 1000 * PATIENCE, f"no client waits for longer than max_blocked and its own time: {slowest} ms")
    # Again: there is nothing to do.
    run = case.start(case.dir / f"{number}.yaml", state)
    case.expect_exit(run, 0)
    case.says(run.log(), "has its new shape already")
