import signal

ANOTHER = "CREATE TABLE t (id int PRIMARY KEY, a int, d int); INSERT INTO t VALUES (1, 2, 3)"


def killed(case):
    """The column is there. The index is not: its build waits for an old transaction."""
    blocker = case.session()
    blocker.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    blocker.run("SELECT 1 FROM parent")
    run = case.start()
    run.wait_status("the index", lambda now: "waiting for pid" in now["activity"])
    run.signal(signal.SIGKILL)
    run.wait()
    blocker.run("COMMIT")


def is_untouched(case):
    case.check(case.psql("SELECT * FROM t") == "1|2|3", "the other table has its column, with its value")


def run(case):
    before = case.server.dump_schema(case.database)
    killed(case)
    case.psql("ALTER TABLE t RENAME TO t_old; " + ANOTHER)
    case.expect_exit(case.start(), 4)
    code, output = case.pgwraith("abort")
    case.check(code == 4, f"abort exits 4, not {code}: {output}")
    case.says(output, 'is called "public"."t_old" now', "the state is kept")
    is_untouched(case)
    case.psql("DROP TABLE t; ALTER TABLE t_old RENAME TO t")
    case.says(case.succeeds("abort"), "as it was")
    case.check_nothing_happened(before)
    # While the process waits: its step is not done to the other table.
    manual = case.write_config("manual.yaml", cutover={"mode": "manual"})
    run = case.start(manual)
    run.wait_phase("ready")
    case.psql("ALTER TABLE t RENAME TO t_old; CREATE TABLE t (id int PRIMARY KEY, a int)")
    case.succeeds("cutover", config=manual)
    case.expect_exit(run, 4)
    case.says(run.log(), "no longer the table that was being migrated", "the state is kept")
    case.check(case.psql("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0") == "2", "no column came")
    case.psql("DROP TABLE t; ALTER TABLE t_old RENAME TO t")
    case.says(case.succeeds("abort"), "as it was")
    case.check_nothing_happened(before)
    # Dropped: there is nothing to take back, and nothing that could be renamed.
    killed(case)
    case.psql("DROP TABLE t; " + ANOTHER)
    case.says(case.succeeds("abort"), "somebody has dropped", "was not touched")
    is_untouched(case)
    case.check(not (case.state_dir / "store").exists(), "no state is left")
    case.check_clean()
