from labels import load_provider


def run(case):
    load_provider(case)
    case.expect_failure()
