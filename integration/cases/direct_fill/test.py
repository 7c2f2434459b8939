from servers import wait_until


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    wait_until("it to be said", lambda: "the application goes on writing rows without a value" in run.log(), 40)
    case.stop_workload(load)
    case.expect_exit(run, 0)
    case.says(run.log(), r"fill fresh: [\d,]+ rows were filled, [\d,]+ had a value before, 0 are left",
              r"fill standing: [\d,]+ rows were filled", "rows compared")
    case.options["twin"] = ["SELECT id, n, standing FROM t", "SELECT id, n, coalesce(standing, 'old ' || id) FROM twin"]
    case.options["workload_after"] = False
    case.finish_success(run, [load])
    case.check(case.superuser("SELECT count(*) FROM t WHERE fresh IS DISTINCT FROM n * 2") == "0", "all rows are filled")
    case.check(case.superuser("SELECT count(*) FROM twin WHERE standing = 'app'") != "0", "the clients wrote the column")
