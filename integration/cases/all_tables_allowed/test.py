def run(case):
    case.expect_success()
