"""TRUNCATE at random times, whatever the migration is doing, with rows after it that bear the old keys and unique values."""

import random
import time

from chaos import CLIENT_SCRIPTS
from servers import HarnessError

SETTINGS = {"throttle": {"idle_ratio": 4.0}, "copy": {"chunk_max_bytes": "16KiB"}, "cutover": {"mode": "manual"}}
COLUMNS = "(id, code, a, b, c, note)"
# One of them asks for the largest id, and there may be none.
SCRIPTS = [path for path in CLIENT_SCRIPTS if path.stem != "workload_rollback"]


def _rows(shift, count):
    """As many as asked, with the codes of the first rows and, shifted, other keys."""
    return (f"SELECT (i * 64 + {shift}) % 64000 + i % 8, 'c' || i, {shift}, 'b', 1, 'after' "
            f"FROM generate_series(0, {count - 1}) AS i")


def _statements(chance):
    """What one transaction does, to both tables."""
    rows = _rows(64 * chance.randrange(1000), chance.choice([0, 1, 500]))
    both = [sql.format(table) for table in ("t", "twin")
            for sql in ("TRUNCATE {0}", f"INSERT INTO {{0}} {COLUMNS} {rows}")]
    how = chance.choice(["plain", "twice", "rolled back", "savepoint", "prepared"])
    if how == "plain":
        middle = both
    elif how == "twice":
        middle = both + both
    elif how == "savepoint":
        middle = ["SAVEPOINT s", *both, "ROLLBACK TO s", "DELETE FROM t WHERE id < 640", "DELETE FROM twin WHERE id < 640"]
    else:
        middle = both
    end = {"rolled back": "ROLLBACK", "prepared": "PREPARE TRANSACTION 'truncates'; COMMIT PREPARED 'truncates'"}
    return how, "; ".join(["BEGIN", "LOCK TABLE t, twin", *middle, end.get(how, "COMMIT")])


def _verify_again(case, run):
    run.wait_status("ready", lambda now: now["phase"] == "ready", 60)
    code, answer = run.post("/verify")
    case.check(code == 202, f"/verify answers 202, not {code}: {answer}")


def storm(turns, seed):
    def test(case):
        load = case.workload(SCRIPTS, rate=100, name="clients", defines={"stripe": 0})
        chance = random.Random(seed)
        run, done = case.start(), []
        for turn in range(turns):
            time.sleep(chance.uniform(0.05, 1.2))  # the random moment that this is about
            if run.exited():
                raise HarnessError(f"exit {run.process.returncode} although the cutover is manual\n{run.log()[-3000:]}")
            if turn % 5 == 4:
                run.kill()
                run = case.start()
            if turn % 5 == 2:
                _verify_again(case, run)
                time.sleep(chance.uniform(0, 0.2))
            how, sql = _statements(chance)
            case.psql(sql, "app")
            done.append(how)
        run.wait_phase("ready", 90)
        code, output = case.pgwraith("cutover")
        case.check(code == 0, f"cutover exits 0, not {code}: {output}")
        case.expect_exit(run, 0, 90)
        case.judge(load)
        again = case.all_logs().count("copy starts over")
        case.check(again >= turns // 5, f"the copy starts over: {again} times")
        case.notes.append(f"{len(done)} times, the copy started over {again} times")
    return test


def tests(quick):
    seeds = [1] if quick else [1, 2, 3, 4]
    return [(f"truncates {seed}", storm(20 if quick else 40, seed), {"settings": SETTINGS, "timeout": 200}) for seed in seeds]
