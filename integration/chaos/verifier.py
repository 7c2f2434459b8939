"""Differences put into the shadow behind the program's back: found, reported, repaired; or the swap does not happen."""

import signal

from chaos import send
from mutations import LAST_CHANGE, ready_for_a_late_change

# The rows are of stripes (id % 64) that none of the four clients writes.

INJECTIONS = {
    "one row changed": ("UPDATE SHADOW SET a = a + 1000 WHERE id = 63943", ["63943", '"?a"?', "1007|1043|10[0-9][0-9]"]),
    "one row missing": ("DELETE FROM SHADOW WHERE id = 63943", ["63943", "missing"]),
    "one row extra": ("INSERT INTO SHADOW (id, a, status) VALUES (90000007, 1, 'new')", ["90000007", "only in the shadow"]),
    "NULL for an empty string": ("UPDATE SHADOW SET b = NULL WHERE id = 63943", ["63943", '"?b"?', "null"]),
    "an empty string for NULL": ("UPDATE SHADOW SET label = '' WHERE id = 63941", ["63941", "label", "null"]),
    "two values swapped between columns": ("UPDATE SHADOW SET a = n, n = a WHERE id = 63943", ["63943", '"?a"?', '"?n"?']),
    "one TOASTed byte": ("UPDATE SHADOW SET label = overlay(label placing '#' from 70000) WHERE id = 63942", ["63942", "label"]),
}

PREPARE = """
UPDATE TABLE SET b = '', a = 43, n = 77 WHERE id = 63943;
UPDATE TABLE SET note = NULL WHERE id = 63941;
UPDATE TABLE SET note = (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 4000) AS i) WHERE id = 63942;
"""


def _before_verify(case):
    """The shadow is caught up, indexed and complete, and nobody has compared it yet."""
    case.superuser(PREPARE.replace("TABLE", "t") + PREPARE.replace("TABLE", "twin"))
    load = case.clients()
    case.must_crash("phase.verify")
    return load


def injected(sql, says):
    def test(case):
        load = _before_verify(case)
        case.superuser(sql.replace("SHADOW", case.shadow()))
        run = case.run_to_end()
        errors = "\n".join(line for line in run.log().splitlines() if "error" in line and "verification" in line)
        case.says(errors, *says)
        case.says(run.log(), r"1 (rows )?(differed|repaired)|1 differences repaired")
        case.judge(load, repairs=True)
    return test


def all_at_once(case):
    load = _before_verify(case)
    for name in ("one row missing", "one row extra", "an empty string for NULL", "one TOASTed byte"):
        case.superuser(INJECTIONS[name][0].replace("SHADOW", case.shadow()))
    run = case.run_to_end()
    for number in ("63943", "90000007", "63941", "63942"):
        case.says(run.log(), "verification.*" + number)
    case.says(run.log(), "4 differences repaired")
    case.judge(load, repairs=True)


def _spoil(case, key):
    """A trigger that makes another value of whatever is written to that row of the shadow."""
    case.superuser("CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := -7; RETURN NEW; END $$;"
                   f"CREATE TRIGGER spoil BEFORE INSERT ON {case.shadow()} FOR EACH ROW WHEN (NEW.id = {key}) EXECUTE FUNCTION spoil()")


def repair_undone(case):
    """A trigger changes what the repair writes: the swap must not happen."""
    load = _before_verify(case)
    _spoil(case, 63943)
    case.superuser(f"UPDATE {case.shadow()} SET a = -7 WHERE id = 63943")
    for _ in range(2):
        run = case.start()
        case.expect_exit(run, 4)
        case.says(run.log(), "63943", "stay so after a repair", "live table is untouched")
        case.check(not case.old_schemas(), "nothing was swapped")
    case.stop_workload(load)
    case.judge_abort()


def restless(case):
    """What does not come to rest is compared under the lock, by another process if need be."""
    load = _before_verify(case)
    case.superuser(INJECTIONS["one row changed"][0].replace("SHADOW", case.shadow()))
    case.must_crash("phase.ready", env={"PGWRAITH_BREAK": "never_rests"})
    run = case.start()
    case.expect_exit(run, 4)
    case.says(run.log(), "63943", "differ under the lock", "nothing was swapped")
    case.check(not case.old_schemas(), "nothing was swapped")
    case.stop_workload(load)
    case.judge_abort()


def spoiled_under_the_lock(case):
    """What is applied under the lock is compared under the lock."""
    run = ready_for_a_late_change(case, "20s")  # this very attempt applies it
    _spoil(case, 7)
    send(case.commit_before_the_lock(LAST_CHANGE, case.session("postgres")), signal.SIGCONT)
    case.expect_exit(run, 4)
    case.says(run.log(), "id=7", "differ under the lock", "nothing was swapped")
    case.check(not case.old_schemas(), "nothing was swapped")
    case.judge_abort()


def goes_on(order, says):
    def test(case):
        """Killed in the middle of a verification: the next one begins where it was, and counts all rows."""
        columns = "id, code, a, b, c, n, note"
        for table in ("t", "twin"):
            case.superuser(f"INSERT INTO {table} ({columns}) SELECT 100000 + i, 'd' || i, i, NULL, NULL, 0, NULL "
                           f"FROM generate_series(1, 150000) AS i ORDER BY {order}")
        case.must_crash("verify.position:2", env={"PGWRAITH_BREAK": "verify_batches"})
        run = case.run_to_end()
        case.says(run.log(), f"verification goes on after the first [1-9][0-9]* rows, {says}",
                  "verified: 158,000 rows of .* against 158,000 rows")
        case.judge()
    return test


def tests(quick):
    del quick
    result = [(f"verifier: {name}", injected(sql, says), {}) for name, (sql, says) in INJECTIONS.items()]
    return result + [("verifier: four at once", all_at_once, {}), ("verifier: repair undone", repair_undone, {}),
                     ("verifier: restless", restless, {}), ("verifier: spoiled under the lock", spoiled_under_the_lock, {}),
                     ("verifier: goes on after a kill by key", goes_on("i", "in the order of the key"), {}),
                     ("verifier: goes on after a kill by blocks", goes_on("hashint4(i)", "by blocks"), {})]
