from verified import rewritten_while_compared, swapped_as_it_was, verified


def run(case):
    run = case.start()
    run.wait_phase("ready")
    case.says(run.log(), "verification goes in the order of the key")
    case.check(verified(run) == [40_000, 40_000, 0], f"all rows were compared in their ranges: {verified(run)}")

    new = f"pgwraith_new_{case.psql('SELECT $$t$$::regclass::oid')}.t"
    case.superuser(f"UPDATE {new} SET n = -1 WHERE id = 20000; DELETE FROM {new} WHERE id IN (1, 40000); "
                   f"INSERT INTO {new} VALUES ('-infinity', 1, 1, 'x', 1), ('2024-02-01', 0, 1, 'x', 1), ('infinity', 1, 1, 'x', 1)")
    case.says(case.succeeds("verify", timeout=60), "6 differences repaired")

    rewritten_while_compared(case, run, lambda: case.check(
        run.status()["activity"] in ("in the order of the key", ""), "status says in which order"))
    case.check(verified(run) == [40_000, 40_000, 0], f"all rows were compared, each once: {verified(run)}")
    case.check("rewritten" not in run.log(), "a key is where it was")
    swapped_as_it_was(case, run)
