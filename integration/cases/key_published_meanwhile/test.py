from borrowed import BORROWED, abort, at_ready, identity

CHANGE = "ALTER TABLE t ALTER n TYPE bigint"


def writes(case):
    case.psql("UPDATE t SET n = n + 1 WHERE id = 1; UPDATE twin SET n = n + 1 WHERE id = 1")


def run(case):
    config = case.write_config(sql=CHANGE, cutover={"mode": "manual"}, throttle={"idle_ratio": 0.0})
    # Of this table: the definition has changed. The abort leaves what the publication needs.
    run = at_ready(case, config)
    run.stop()
    case.superuser("CREATE PUBLICATION theirs FOR TABLE t")
    writes(case)
    output = abort(case, "stays USING INDEX", "publication \"theirs\" has come", "REPLICA IDENTITY DEFAULT",
                   "is as it was, but for its replica identity")
    case.check("replica identity" not in output[output.index("removed:"):].split("is as it was")[0], f"it is not removed: {output}")
    case.check(identity(case) == BORROWED, f"it stays: {identity(case)}")
    writes(case)
    # That is what plan says of such a table from the beginning.
    case.superuser("ALTER TABLE t REPLICA IDENTITY DEFAULT")
    code, output = case.pgwraith("plan")
    case.check(code == 3, f"plan exits 3, not {code}: {output}")
    case.says(output, "publication \"?theirs\"? publishes UPDATE and DELETE", "nothing identifies its rows",
              'REPLICA IDENTITY USING INDEX "?t_key"?')
    case.superuser("DROP PUBLICATION theirs")

    # Of all tables: no swap, until it is gone.
    case.superuser("ALTER TABLE twin REPLICA IDENTITY FULL")
    load = case.workload()
    run = at_ready(case, config)
    case.superuser("CREATE PUBLICATION everything FOR ALL TABLES")
    case.pgwraith("cutover")
    case.expect_exit(run, 4)
    case.says(run.log(), "publication \"?everything\"? publishes UPDATE and DELETE", "Nothing was swapped")
    case.superuser("DROP PUBLICATION everything")
    run = case.start(config)  # it was told to swap
    case.expect_exit(run, 0)
    case.stop_workload(load)
    case.check_twin(["SELECT id, code, n::bigint FROM t", "SELECT id, code, n::bigint FROM twin"])
    case.check(identity(case) == "d", f"as before: {identity(case)}")
