from servers import wait_until

# Each is a migration of its own, and a plain statement in the reference.
CHANGES = [
    "ALTER TABLE t ADD COLUMN status text",
    "CREATE UNIQUE INDEX ON t (id)",
    "ALTER TABLE t ADD PRIMARY KEY (id)",
    "ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 5 CHECK (n > 0), ALTER COLUMN c TYPE varchar(20)",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
    "ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES parent ON DELETE CASCADE",
    "CREATE INDEX ON t (a); CREATE INDEX named ON t USING btree (lower(b), a DESC) INCLUDE (c) WHERE a > 5",
    "ALTER TABLE t ADD CONSTRAINT b_unique UNIQUE (b) INCLUDE (a) DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE t ADD CHECK (a < 1000000), ADD CONSTRAINT later CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT unchecked",
    "DROP INDEX t_gone_idx; ALTER TABLE t DROP CONSTRAINT old_check, DROP COLUMN gone",
    "ALTER TABLE t ALTER COLUMN c SET DEFAULT 'x', ALTER COLUMN p SET STATISTICS 50; COMMENT ON COLUMN t.b IS 'text'",
    "ALTER TABLE t RENAME CONSTRAINT later TO sooner; ALTER INDEX named RENAME TO better",
]


def run(case):
    case.copy_database()
    load = case.workload()
    oid = case.superuser("SELECT 't'::regclass::oid")
    for number, sql in enumerate(CHANGES):
        state = case.dir / f"state{number}"
        run = case.start(case.write_config(f"{number}.yaml", sql=sql, state_dir=str(state)), state)
        case.expect_exit(run, 0)
        case.check_blocked(run.log())
        case.psql(sql, database=case.expected)
        case.check_same_schema()
    load.wait_progress()
    case.check(case.superuser("SELECT 't'::regclass::oid") == oid, "it is the table that it was")
    case.options["twin"] = ["SELECT id, a, b, c, p FROM t", "SELECT id, a, b, c, p FROM twin"]
    case.finish_success(run, [load])
    # Again: there is nothing to do.
    run = case.start(case.dir / f"{number}.yaml", state)
    case.expect_exit(run, 0)
    case.says(run.log(), "has its new shape already")
