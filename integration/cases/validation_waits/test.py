from servers import wait_until

VALID = "SELECT string_agg(conname, ',' ORDER BY conname) FROM pg_constraint WHERE contype = 'f' AND convalidated"


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    # A lock that is taken between the swap's COMMIT and the validation, made certain by an event trigger.
    holder = case.session("migrator")
    holder.run("BEGIN")
    case.superuser("CREATE FUNCTION hold() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN"
                   " IF current_query() LIKE '%VALIDATE CONSTRAINT \"c_t_fkey\"%' AND NOT pg_try_advisory_xact_lock(7) THEN"
                   " RAISE lock_not_available USING MESSAGE = 'canceling statement due to lock timeout'; END IF; END$$;"
                   " CREATE EVENT TRIGGER hold ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION hold()")
    holder.run("SELECT pg_advisory_xact_lock(7)")
    case.pgwraith("cutover")
    wait_until("it is swapped", lambda: case.old_schemas(), 20)
    wait_until("the slot is gone", lambda: "slot" not in case.leftovers(), 10)
    case.expect_exit(run, 4)
    case.says(run.log(), "has its new shape, but this could not be done after the swap", "VALIDATE CONSTRAINT \"c_t_fkey\"",
              "the swap is done; this statement has waited for")
    case.check(case.superuser(VALID) == "other_t_fkey", f"the other key is valid: {case.superuser(VALID)}")
    code, output = case.pgwraith("status")
    case.says(output, "done", "run` does what is left")
    holder.run("COMMIT")
    again = case.start()
    case.expect_exit(again, 0)
    case.check(case.superuser(VALID) == "c_t_fkey,other_t_fkey", "both keys are valid")
    case.superuser("DROP EVENT TRIGGER hold; DROP FUNCTION hold()")
    case.check_same_schema()
    case.check_clean()
