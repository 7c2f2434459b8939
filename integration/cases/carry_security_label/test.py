from labels import load_provider


def run(case):
    load_provider(case)
    case.psql(case.text("labels.sql"))
    case.expected = case.database + "_expected"
    case.superuser(f'CREATE DATABASE "{case.expected}" TEMPLATE "{case.database}" OWNER migrator')
    load_provider(case, case.expected)
    case.psql(case.text("reference.sql"), database=case.expected)
    loads = case._start_workloads()
    run = case.start()
    case.expect_exit(run, 0)
    case.finish_success(run, loads)
