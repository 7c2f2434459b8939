from borrowed import abort, at_ready, identity


def set_by_somebody(case, config):
    run = at_ready(case, config)
    case.psql("ALTER TABLE t REPLICA IDENTITY FULL")
    case.expect_exit(run, 4)
    case.says(run.log(), "is FULL now")
    abort(case)
    case.says((case.dir / "run.log").read_text(), "was changed by somebody meanwhile: it stays")
    case.check(identity(case) == "f", f"what somebody has set stays, not {identity(case)}")


def dropped_by_somebody(case):
    """The index that we have borrowed: what is left of it is ours to fix."""
    case.psql("ALTER TABLE t REPLICA IDENTITY NOTHING; CREATE UNIQUE INDEX passing ON t (id, code)")
    run = at_ready(case, case.write_config("passing.yaml", key="passing", cutover={"mode": "manual"}), "i passing")
    case.psql("DROP INDEX passing")
    case.expect_exit(run, 4)
    case.says(run.log(), "an index that is gone now")
    abort(case, "NOTHING is given back")
    case.check(identity(case) == "n", f"given back, not {identity(case)}")


def run(case):
    config = case.write_config(cutover={"mode": "manual"}, throttle={"idle_ratio": 0.0})
    set_by_somebody(case, config)
    # FULL: any index will do, and nothing is borrowed.
    at_ready(case, config, "f").post("/abort")
    case.expect_exit(case.run_, 5)
    dropped_by_somebody(case)

    case.psql("ALTER TABLE t REPLICA IDENTITY USING INDEX t_code")
    case.make_reference()
    load = case.workload()
    run = at_ready(case, config)
    run.stop()
    code, output = case.pgwraith("run", config=case.write_config("other.yaml", key="t_code"))
    case.check(code == 3, f"another key is another migration: {code} {output}")
    case.says(output, "`key` is not what the migration")
    run = at_ready(case, config)
    case.psql("REINDEX INDEX CONCURRENTLY t_key")
    case.succeeds("cutover", wait=True)
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
    for table in ("t", case.old_schemas()[0] + ".t"):
        case.check(identity(case, table) == "i t_code", f"{table}: {identity(case, table)}")
