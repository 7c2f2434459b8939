from verified import rewritten_while_compared, swapped_as_it_was, verified


def run(case):
    run = case.start()
    run.wait_phase("ready")
    case.says(run.log(), "verification goes by blocks")
    live, shadow, by_key = verified(run)
    case.check(live == shadow == 40_000, f"all rows were compared: {live} and {shadow}")
    case.check(by_key < 4_000, f"most partners stand where they are looked for: {by_key} were looked at by key")
    case.notes.append(f"{by_key} rows by key")

    new = f"pgwraith_new_{case.psql('SELECT $$t$$::regclass::oid')}.t"
    case.superuser(f"UPDATE {new} SET n = -1 WHERE n = 20000; DELETE FROM {new} WHERE n = 30000; "
                   f"INSERT INTO {new} VALUES ('00000000-0000-0000-0000-000000000001', 1, 'x', 1)")
    case.says(case.succeeds("verify", timeout=60), "3 differences repaired")

    rewritten_while_compared(case, run)
    case.says(run.log(), "verification.* one of the tables was rewritten (meanwhile|since)")
    live, shadow, _ = verified(run)
    case.check(live == shadow == 40_000, f"all rows were compared from the beginning: {live} and {shadow}")
    swapped_as_it_was(case, run)
