def swap_without_clean_up(case):
    case.superuser("""
        CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no % here', tg_tag; END$$""")
    run = case.start()
    run.wait_phase("ready")
    case.superuser("CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('DROP PUBLICATION') EXECUTE FUNCTION public.no()")
    case.pgwraith("cutover")
    case.expect_exit(run, 4)
    case.superuser("DROP EVENT TRIGGER no; DROP FUNCTION no()")
    return case.old_schemas()[0]


def says_swapped(case):
    code, output = case.pgwraith("status")
    case.says(output, "has its new shape, and keeps it")


def run(case):
    case.make_reference()
    old = swap_without_clean_up(case)
    case.psql(f'DROP TABLE "{old}".t; DROP SCHEMA "{old}"')
    says_swapped(case)
    output = case.succeeds("abort")
    case.says(output, "has its new shape, and keeps it")
    case.check_same_schema()

    case.write_config(sql="", cutover={"mode": "manual"})
    old = swap_without_clean_up(case)
    case.psql(f'CREATE SCHEMA archive; ALTER TABLE "{old}".t SET SCHEMA archive; DROP SCHEMA "{old}"')
    says_swapped(case)
    run = case.start()
    case.expect_exit(run, 0)
    case.psql("DROP TABLE archive.t; DROP SCHEMA archive")
    case.check_clean()
    case.check_same_schema()
