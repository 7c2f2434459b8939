import signal


def run(case):
    case.make_reference()
    load = case.workload()
    for _ in range(2):  # the second one waits as well
        run = case.start()
        run.wait_phase("ready")
        case.check(case.superuser("SELECT count(*) FROM pg_class WHERE relname = 't_n'") == "1", "the index is there")
        case.check(case.superuser("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'd'") == "0",
                   "the column is not")
        if _ == 0:
            # Nothing of it in the database says whose it is, but the process holds the table.
            elsewhere = case.write_config("elsewhere.yaml", state_dir=str(case.dir / "elsewhere"))
            for command, status in (("abort", 4), ("plan", 3), ("run", 4)):
                code, output = case.pgwraith(command, config=elsewhere)
                case.check(code == status, f"{command} with another state directory exits {status}, not {code}: {output}")
                case.says(output, "another process is migrating this table: pgwraith")
            run.signal(signal.SIGKILL)
            run.wait()
            code, output = case.pgwraith("plan")
            case.check(code == 3, f"plan of what is not finished exits 3, not {code}: {output}")
            case.says(output, "an earlier migration is not finished: state directory .* in phase (steps|ready)")
    case.succeeds("cutover", wait=True)
    case.expect_exit(run, 0)
    case.options["twin"] = ["SELECT id, n, pad FROM t", "SELECT id, n, pad FROM twin"]
    case.finish_success(run, [load])
