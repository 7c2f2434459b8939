def run(case):
    # Only a superuser may, as before a bulk load.
    case.superuser("ALTER TABLE child DISABLE TRIGGER ALL")
    case.expect_failure()
