def run(case):
    before = case.server.dump_schema(case.database)
    load = case.workload()
    for phase in ("copy", "ready"):
        config = case.write_config(cutover={"mode": "manual"})
        run = case.start(config)
        if phase == "copy":
            case.wait_held(run)
        else:
            case.release_copy()
            run.wait_phase(phase)
        case.succeeds("abort")
        case.expect_exit(run, 5, 10)
        case.check_nothing_happened(before)
    output = case.succeeds("abort")
    case.says(output, "nothing")
    load.wait_progress()
    case.stop_workload(load)
    case.check_twin()
