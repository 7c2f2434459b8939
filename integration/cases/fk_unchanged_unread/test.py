import re


def run(case):
    case.make_reference()
    run = case.start()
    case.expect_exit(run, 0)
    case.finish_success(run)
    # How rows without a partner are looked for: an anti-join with the table that the key refers to.
    asked = [line for line in case.server.log_text().splitlines() if f" {case.database} pgwraith" in line and "NOT EXISTS" in line]
    read = {table for line in asked for table in re.findall(r'FROM (?:ONLY )?"public"\."(r|touched)"', line)}
    case.check("touched" in read, f"the key whose column gets another expression is asked: {read}")
    case.check("r" not in read, f"keys that are enforced and unchanged are not: {read}")
