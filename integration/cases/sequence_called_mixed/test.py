from sequences_called import mixed


def run(case):
    if not mixed(case):
        case.pgwraith("abort")
    # A sequence that no column owns is not locked.
    for schema in case.old_schemas():
        case.superuser(f"DROP SCHEMA {schema} CASCADE")
    case.psql("ALTER SEQUENCE t_id_seq OWNED BY NONE")
    config = case.write_config(sql="ALTER TABLE t ADD COLUMN b int", cutover={"mode": "auto"})
    load = case.workload()
    run = case.start(config)
    case.expect_exit(run, 0)
    load.wait_progress()
    case.stop_workload(load)
    case.check("called off" not in run.log(), "it swaps at once")
    case.psql("ALTER SEQUENCE t_id_seq OWNED BY t.id")
    case.check_clean()
