ROW_TYPE = ("SELECT r.oid <> {oid}, r.typacl, obj_description(r.oid, 'pg_type'), obj_description(r.typarray, 'pg_type') "
            "FROM pg_type r WHERE r.oid = 't'::regtype")


def run(case):
    case.psql(case.text("grants.sql"))
    oid = case.superuser("SELECT 't'::regtype::oid")
    before = case.superuser(ROW_TYPE.format(oid=0))
    case.expect_success()
    # pg_dump says nothing of a type that came with a table.
    now = case.superuser(ROW_TYPE.format(oid=oid))
    case.check(before == now and "app=U/giver_of_rights" in now, f"the new row type is as the old one: {before}, {now}")
