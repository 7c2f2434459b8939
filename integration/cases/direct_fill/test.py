def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    case.expect_exit(run, 0)
    case.says(run.log(), r"fill fresh: [\d,]+ rows were filled, \d+ had a value before we came, 0 are left",
              r"fill standing: [\d,]+ rows were filled", "rows compared")
    # Rows that came after the last pass have no value in the column that has no default: the application's affair.
    case.options["twin"] = ["SELECT id, n, standing FROM t", "SELECT id, n, coalesce(standing, 'old ' || id) FROM twin"]
    case.finish_success(run, [load])
    case.check(case.superuser("SELECT count(*) FROM t WHERE id < 20000 AND fresh IS DISTINCT FROM n * 2") == "0", "old rows are filled")
    case.check(case.superuser("SELECT count(*) FROM twin WHERE standing = 'app'") != "0", "the clients wrote the column")
