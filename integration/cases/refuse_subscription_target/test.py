def run(case):
    case.superuser("CREATE SUBSCRIPTION feed CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE)")
    # What REFRESH PUBLICATION would write if there were a publisher to ask.
    case.superuser("SET allow_system_table_mods = on; INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate) "
                   "SELECT oid, 't'::regclass, 'r' FROM pg_subscription")
    before = case.server.dump_schema(case.database)
    for command in ("plan", "run"):
        code, output = case.pgwraith(command)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, "subscription feed is not carried over", "migrate it at the publisher")
    case.check_nothing_happened(before)
