from case import plan_in


def run(case):
    # Small in truth, and large by what the server believes.
    case.superuser("UPDATE pg_class SET relpages = 500000, reltuples = 50000000 WHERE relname = 't'")
    got, output = case.pgwraith("plan", "--json", "--log-level", "off")
    plan = plan_in(output)
    case.check(got == 0 and plan["way"] == "in place", output[-2000:])
    case.says(plan["why"], "a shadow table would be the cheaper one, but .*numbers")
    case.check_clean()
    case.psql("DROP MATERIALIZED VIEW numbers")
    got, output = case.pgwraith("plan", "--json", "--log-level", "off")
    plan = plan_in(output)
    case.check(got == 0 and plan["way"] == "shadow", output[-2000:])
    case.says(plan["why"], "a shadow table is taken because it is the cheaper one: in place, about 50,000,000 rows", "of WAL, about .* min; a shadow table is")
    case.check_clean()
    # What has a value keeps it.
    got, output = case.pgwraith("plan", "--json", config=case.write_config("standing.yaml", sql="", values={"pad": "'none'"}))
    case.check(got == 0 and plan_in(output)["way"] == "in place", output[-2000:])

    case.make_reference()
    load = case.workload()
    run = case.start()
    case.expect_exit(run, 0)
    case.says(run.log(), "the way of the change: shadow; a shadow table is taken because")
    case.options["twin"] = ["SELECT id, n FROM t", "SELECT id, n FROM twin"]
    case.finish_success(run, [load])
    case.check(case.superuser("SELECT count(*) FROM t WHERE status IS NULL") == "0", "all rows are filled")
