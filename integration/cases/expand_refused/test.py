def refused(case, expand, *texts):
    before = case.server.dump_schema(case.database)
    config = case.write_config("refused.yaml", strategy="auto", expand=expand)
    for command in ("plan", "run"):
        got, output = case.pgwraith(command, config=config)
        case.check(got == 3, f"{command} exits 3: {output}")
        case.says(output, *texts)
    case.check_nothing_happened(before)


def run(case):
    settings = case.options["settings"]
    case.options["settings"] = {}
    refused(case, {"a": {"from": "missing"}}, "has no column missing")
    refused(case, {"id": {"from": "username"}}, "has a column of that name")
    refused(case, {"a": {"from": "shout"}}, "is generated")
    refused(case, {"a": {"from": "username", "type": "nonsense"}}, "nonsense")
    refused(case, {"a": {"up": "(SELECT 1)", "down": {"username": "a"}}}, "subquery")
    refused(case, {"a": {"up": "upper(username)", "down": {"username": "'x'"}}}, "does not read a")
    # In a row: found before anything is made.
    before = case.server.dump_schema(case.database)
    config = case.write_config("row.yaml", strategy="auto", expand={"pixels": {"from": "size", "type": "int"}})
    run = case.start(config)
    case.expect_exit(run, 3)
    case.says(run.log(), r"\bid=77\b", "invalid input syntax")
    case.check("large" not in run.log(), "no value is in the log")
    case.check_nothing_happened(before)

    case.options["settings"] = settings
    case.write_config()
    names = ["view public.v", "child_t_fkey on public.child", "audit on public.t", "shout"]
    got, output = case.pgwraith("plan")
    case.check(got == 0, f"plan exits 0: {output}")
    case.says(output, *names)
    got, output = case.pgwraith("contract")
    case.check(got == 3, f"contract before run exits 3: {output}")
    case.expect_exit(case.start(), 0)
    expanded = case.server.dump_schema(case.database)
    # With another state directory it is not known, but its trigger is.
    elsewhere = case.write_config("elsewhere.yaml", state_dir=str(case.dir / "elsewhere"))
    case.options["settings"] = {}
    other = case.write_config("other.yaml", state_dir=str(case.dir / "elsewhere"), strategy="auto", sql="ALTER TABLE t ADD COLUMN more int")
    case.options["settings"] = settings
    for command, config, status in (("abort", elsewhere, 4), ("plan", elsewhere, 3), ("plan", other, 3)):
        got, output = case.pgwraith(command, config=config)
        case.check(got == status, f"{command} exits {status}, not {got}: {output}")
        case.says(output, "is expanded already: its trigger .* keeps old and new columns equal")
    got, output = case.pgwraith("contract")
    case.check(got == 3, f"contract exits 3: {output}")
    case.says(output, *names)
    case.check(expanded == case.server.dump_schema(case.database), "nothing was changed")
    # A row of which only one side was written.
    case.psql("DROP VIEW v; DROP TABLE child; DROP TRIGGER audit ON t; ALTER TABLE t DROP shout")
    case.superuser("ALTER TABLE t DISABLE TRIGGER ALL; UPDATE t SET handle = 'other' WHERE id = 5; ALTER TABLE t ENABLE TRIGGER ALL")
    got, output = case.pgwraith("contract")
    case.check(got == 3, f"contract exits 3 without its trigger: {output}")
    case.says(output, "trigger")
    trigger = case.superuser("SELECT quote_ident(tgname) FROM pg_trigger WHERE tgname LIKE '%pgwraith%'")
    case.psql(f"ALTER TABLE t ENABLE ALWAYS TRIGGER {trigger}")
    got, output = case.pgwraith("contract")
    case.check(got == 3, f"contract exits 3 while a row differs: {output}")
    case.says(output, r"\bid=5\b")
    case.psql("UPDATE t SET handle = 'u5' WHERE id = 5; UPDATE t SET username = 'u5b' WHERE id = 5", "app")
    got, output = case.pgwraith("contract")
    case.check(got == 0, f"contract exits 0: {output}")
    case.check(case.psql("SELECT handle FROM t WHERE id = 5") == "u5b", "the row is the last writer's")
    case.check_clean()
