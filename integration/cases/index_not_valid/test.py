from servers import HarnessError


def interrupted(case, sql):
    try:
        case.psql(sql)
    except HarnessError:
        return
    raise HarnessError(f"went through: {sql}")


def run(case):
    case.make_reference()
    for name in ("in_sql", "renamed", "leftover", "dropped"):
        interrupted(case, f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON t (mail)")
    case.check(case.psql("SELECT count(*) FROM pg_index WHERE NOT indisvalid").strip() == "4", "they are not valid")
    output = case.succeeds("plan")
    case.says(output, "index .leftover. is not valid .* the new table will not have it")
    run = case.start()
    run.wait_phase("ready")
    case.psql("DROP INDEX dropped")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.psql("INSERT INTO t VALUES (501, 'm1', 1)")
    case.psql("DELETE FROM t WHERE id = 501")
    case.finish_success(run, [])
