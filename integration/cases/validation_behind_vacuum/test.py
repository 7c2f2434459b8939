from servers import wait_until

VALID = "SELECT string_agg(conname, ',' ORDER BY conname) FROM pg_constraint WHERE contype = 'f' AND convalidated"
WAITS = "SELECT count(*) FROM pg_locks WHERE relation = 'c'::regclass AND mode = 'ShareUpdateExclusiveLock' AND NOT granted"


def run(case):
    case.make_reference()
    case.psql("UPDATE c SET id = -id")  # something to do for it
    run = case.start()
    run.wait_phase("ready")
    reader, vacuum = case.session(), case.session("migrator")
    vacuum.run("SET vacuum_cost_limit = 1; SET vacuum_cost_delay = 100")
    reader.run("BEGIN; SELECT count(*) FROM t")
    case.pgwraith("cutover")
    wait_until("the swap holds its weak locks", lambda: case.superuser(
        "SELECT count(*) FROM pg_locks WHERE relation = 'c'::regclass AND mode = 'ShareUpdateExclusiveLock' AND granted") == "1")
    vacuum.send("VACUUM c")
    wait_until("VACUUM waits for the swap", lambda: case.superuser(WAITS) == "1")
    reader.run("COMMIT")
    case.expect_exit(run, 4)
    case.says(run.log(), "has its new shape, but this could not be done after the swap",
              r"VALIDATE CONSTRAINT \"c_t_fkey\" \(public\.c is held by pid \d+ \(migrator, psql, active, VACUUM, [\d:]+ in its transaction\)")
    case.check(case.superuser(VALID) == "other_t_fkey", f"the other key is valid: {case.superuser(VALID)}")
    case.check("slot" not in case.leftovers(), "the slot is gone")
    vacuum.answer(60)
    case.expect_exit(case.start(), 0)
    case.check(case.superuser(VALID) == "c_t_fkey,other_t_fkey", "both keys are valid")
    case.check_same_schema()
    case.check_clean()
