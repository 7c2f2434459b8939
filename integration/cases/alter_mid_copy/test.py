def run(case):
    for number, (phase, sql, says) in enumerate([("copy", "ALTER TABLE t ADD COLUMN meanwhile int", "meanwhile"),
                                                 ("ready", "CREATE INDEX intruder ON t (pad)", "intruder")]):
        config = case.write_config(cutover={"mode": "manual"})
        run = case.start(config)
        if phase == "copy":
            case.wait_held(run)
        else:
            run.wait_phase(phase)
        case.psql(sql)
        case.release_copy()
        if phase == "ready":
            case.pgwraith("cutover")
        case.expect_exit(run, 4)
        case.says(run.log(), says)
        case.check(not case.old_schemas(), "no swap")
        case.succeeds("abort")
        case.check_clean()
    case.check_twin(["SELECT id, n, pad FROM t", "SELECT * FROM twin"])
