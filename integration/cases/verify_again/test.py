import re


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    # Before it is ready the answer is no, and why. It may be ready before it is asked: then there is nothing to see.
    status = run.wait_status("an answer", lambda now: True)
    code, output = case.pgwraith("verify")
    if status["phase"] in ("prepare", "copy") and code != 0:
        case.check(code == 4, f"verify before ready exits 4, not {code}: {output}")
        case.says(output, "too early for `verify`", "in phase", "ask again then")
    run.wait_phase("ready")
    shadow = f"pgwraith_new_{case.psql('SELECT $$t$$::regclass::oid')}.t"
    # Nothing wrong: it says what was compared, on both sides.
    output = case.succeeds("verify", timeout=60)
    compared = re.search(r"verified: ([\d,]+) rows of public\.t against ([\d,]+) rows of the new table, 0 diff", output)
    case.check(compared, f"it says what was compared: {output}")
    for number in compared.groups():  # a row that moves meanwhile is seen twice, or not where it was
        case.check(15_000 <= int(number.replace(",", "")) <= 30_000, f"all rows were compared: {output}")
    case.check("without a pending change" not in run.log(), "no difference so far")
    # Three rows that no client writes.
    case.superuser(f"UPDATE {shadow} SET n = 4711 WHERE id = 7; DELETE FROM {shadow} WHERE id = 15; "
                   f"INSERT INTO {shadow} VALUES (900007, 1, 'x')")
    output = case.succeeds("verify", timeout=60)
    case.says(output, "3 differences repaired", "the log")
    log = run.log()
    for number in ("7", "15", "900007"):
        case.says(log, rf"error.*verification: id={number} ")
    case.says(log, "error.*verification: 3 rows differed without a pending change: repaired and compared again")
    case.says(log, "id=7 n: live '0', shadow '4711'", "id=15 is missing", "id=900007 is only in the shadow")
    status = run.wait_status("ready again", lambda now: now["phase"] == "ready")
    case.check(status["verifications"] == 3 and status["differences_repaired"] == 3, f"counted: {status}")
    case.check(not case.old_schemas(), "no swap before it is asked for")
    # And nothing is left of them.
    output = case.succeeds("verify", timeout=60)
    case.says(output, "0 differences repaired")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.says(run.log(), "verified against [0-9,]+ of the new table, 3 differences repaired")
    case.finish_success(run, [load])
    code, output = case.pgwraith("verify")
    case.check(code == 4, f"verify exits 4 when nothing runs, not {code}: {output}")
