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
            run.signal(signal.SIGKILL)
            run.wait()
    case.succeeds("cutover", wait=True)
    case.expect_exit(run, 0)
    case.options["twin"] = ["SELECT id, n, pad FROM t", "SELECT id, n, pad FROM twin"]
    case.finish_success(run, [load])
