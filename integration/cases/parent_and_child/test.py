VALID = "SELECT convalidated FROM pg_constraint WHERE conname = 'c_p_fkey' AND conrelid = 'c'::regclass AND confrelid = 't'::regclass"
CHILD_SQL = "ALTER TABLE c ALTER id TYPE bigint, ALTER p TYPE bigint"


def run(case):
    case.make_reference()
    child = {"table": "public.c", "sql": CHILD_SQL, "state_dir": str(case.dir / "child")}
    # What looks like a VACUUM of the child keeps the parent's key from being validated, for longer than the child's copy.
    parent = case.start()
    parent.wait_phase("ready")
    case.hold_copy(1)
    config = case.write_config("child.yaml", **child)
    run = case.start(config, case.dir / "child")
    case.wait_held(run)
    vacuum = case.session("migrator")
    vacuum.run("BEGIN")
    case.pgwraith("cutover")
    parent.wait_status("it is swapped", lambda status: case.old_schemas())
    vacuum.run("LOCK TABLE c IN SHARE UPDATE EXCLUSIVE MODE")
    case.release_copy()
    run.wait_phase("ready")
    vacuum.run("COMMIT")
    case.expect_exit(parent, 0)
    case.pgwraith("cutover", config=config)
    case.expect_exit(run, 0)
    case.check(case.superuser(VALID) == "t", "the key is valid after both")
    case.check_same_schema()
    # The other order, both ready: the child goes first.
    case.superuser("DROP SCHEMA " + ", ".join(case.old_schemas()) + " CASCADE")
    again = case.write_config("again.yaml", sql="", state_dir=str(case.dir / "again"))
    child_again = case.write_config("child_again.yaml", table="public.c", sql="", state_dir=str(case.dir / "child_again"))
    parent = case.start(again, case.dir / "again")
    run = case.start(child_again, case.dir / "child_again")
    parent.wait_phase("ready")
    run.wait_phase("ready")
    case.pgwraith("cutover", config=child_again)
    case.pgwraith("cutover", config=again)
    case.expect_exit(run, 0)
    case.expect_exit(parent, 0)
    case.check(case.superuser(VALID) == "t", "the key is valid after both")
    case.check_same_schema()
    case.check_clean()
