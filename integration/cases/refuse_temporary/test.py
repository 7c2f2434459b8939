def run(case):
    session = case.session("migrator")
    session.run("CREATE TEMP TABLE t (id int PRIMARY KEY, n int)")
    schema = session.run("SELECT relnamespace::regnamespace FROM pg_class WHERE oid = 't'::regclass")
    config = case.write_config(table=f"{schema}.t", sql="")
    for command in ("plan", "run"):
        code, output = case.pgwraith(command, config=config)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, "is a temporary table", "change it there with ALTER TABLE")
    case.check_clean()
