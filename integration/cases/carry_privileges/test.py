def run(case):
    case.psql(case.text("grants.sql"))
    case.expect_success()
