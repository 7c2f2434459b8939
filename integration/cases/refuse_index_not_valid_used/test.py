from servers import HarnessError


def interrupted(case, sql):
    try:
        case.psql(sql)
    except HarnessError:
        return
    raise HarnessError(f"went through: {sql}")


def run(case):
    interrupted(case, "CREATE UNIQUE INDEX CONCURRENTLY u ON t (n)")
    for command in ("plan", "run"):
        code, output = case.pgwraith(command)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, *case.options["says"])
