def run(case):
    run = case.start()
    case.expect_exit(run, 0)
    case.check_twin()
    # The same file again: the change has been made; whatever it says, nothing may happen to the data.
    again = case.write_config("again.yaml", sql="ALTER TABLE t ADD COLUMN more int; CREATE INDEX t_n ON t (n)")
    run = case.start(again)
    case.expect_exit(run, 0)
    case.check_twin(["SELECT id, n, pad FROM t", "SELECT id::bigint, n::bigint, pad FROM twin"])
    case.check(len(case.old_schemas()) == 2, "both old tables are kept")
    case.check_clean()
