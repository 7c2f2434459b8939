def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    case.superuser("REVOKE REFERENCES ON parent FROM migrator; REVOKE CREATE ON SCHEMA own FROM migrator")
    case.pgwraith("cutover")
    case.expect_exit(run, 4)
    case.says(run.log(), "our role has lost a right that it had when the migration began", "may not refer to its table",
              "to create in schema own", "GRANT REFERENCES ON public.parent TO migrator", "GRANT CREATE ON SCHEMA own TO migrator",
              "Nothing was swapped")
    case.superuser("GRANT REFERENCES ON parent TO migrator; GRANT CREATE ON SCHEMA own TO migrator")
    again = case.start()
    case.expect_exit(again, 0)
    case.finish_success(again)
