import json


def run(case):
    before = case.server.dump_schema(case.database)
    writes = ("SELECT n_tup_ins || ' ' || n_tup_upd || ' ' || n_tup_del || ' ' || pg_relation_filenode(relid) "
              "FROM pg_stat_all_tables WHERE relid = 't'::regclass")
    rows = case.superuser(writes)
    output = case.succeeds("plan")
    case.says(output, "ACCESS EXCLUSIVE", "bigint", r"\bid\b", "index", "MiB|kB|KiB")
    output = case.succeeds("plan", "--json")
    plan = json.loads(output)
    case.check(plan.get("steps") and plan.get("columns") and plan.get("refusals") == [], f"steps, columns, no refusals in {plan}")
    case.check(case.superuser(writes) == rows, "the table was not written to")
    case.check_nothing_happened(before)
    case.check(not case.state_dir.exists() or not any(case.state_dir.iterdir()), "no state was made")
    # A server that refuses every write can be planned on too.
    case.superuser(f'ALTER ROLE migrator IN DATABASE "{case.database}" SET default_transaction_read_only = on')
    code, output = case.pgwraith("plan")
    case.check(code == 0, f"plan exits 0 with default_transaction_read_only, not {code}: {output}")
