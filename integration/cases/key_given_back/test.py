import shutil

from borrowed import BORROWED, abort, at_ready, identity
from servers import wait_until


def dies_and_is_aborted(case, config):
    """Without its state, and after somebody has dropped the schema that says what was borrowed."""
    for how in ("stateless", "schema"):
        at_ready(case, config).kill()
        status = case.pgwraith("status", "--json")[1]
        case.says(status, "t_key.* for the time of the migration")
        if how == "stateless":
            shutil.rmtree(case.state_dir)
        if how == "schema":
            case.psql("DO $$ BEGIN EXECUTE (SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace"
                      " WHERE nspname LIKE 'pgwraith\\_new%'); END $$")
        abort(case, r"replica identity USING INDEX \"t_key\" of the live table \(.* is given back\)")
        case.check(identity(case) == case.before, f"{how}: given back, not {identity(case)}")


def waits_for_a_reader(case, config):
    """Nobody waits for us longer than an attempt, and the reader is named."""
    reader = case.session()
    reader.run("BEGIN")
    reader.run("SELECT FROM t LIMIT 1")
    run = case.start(config)
    wait_until("it to name the reader", lambda: "cannot be set yet" in run.log(), 20)
    case.says(run.log(), r"public\.t is held by .*pid \d+ \(app")
    case.check(case.superuser("SELECT count(*) FROM pg_publication WHERE pubname LIKE 'pgwraith%'") == "0", "no publication yet")
    reader.run("COMMIT")
    reader.close()
    run.wait_phase("ready")
    case.says(case.pgwraith("status")[1], "identity +USING INDEX")
    run.stop()
    case.check(identity(case) == BORROWED, "stopped, not given back")
    again = at_ready(case, config)
    again.post("/abort")
    case.expect_exit(again, 5)
    case.check(identity(case) == case.before, f"given back, not {identity(case)}")


def set_by_somebody(case, config):
    """Before we came to it: what the table has then is not ours."""
    reader = case.session()
    reader.run("BEGIN")
    reader.run("SELECT FROM t LIMIT 1")
    run = case.start(config)
    wait_until("it to wait for the reader", lambda: "cannot be set yet" in run.log(), 20)
    run.kill()
    reader.run("COMMIT")
    reader.close()
    case.psql("ALTER TABLE t REPLICA IDENTITY USING INDEX t_key")
    output = abort(case, "removed:", "is as it was$")
    case.check(identity(case) == BORROWED and "replica identity" not in output, f"theirs, not {identity(case)}: {output}")


def slow_event_trigger(case, config):
    """It is named, and nobody waits for it longer than for a lock."""
    case.superuser("""
        CREATE FUNCTION public.slow() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.t') THEN PERFORM pg_sleep(30); END IF;
        END$$;
        CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.slow()""")
    run = case.start(config)
    wait_until("it to name the event trigger", lambda: "cannot be set yet" in run.log(), 20)
    case.says(run.log(), r"cannot be set yet: canceling statement due to statement timeout.*event trigger slow \(function public.slow\)")
    case.superuser("DROP EVENT TRIGGER slow; DROP FUNCTION public.slow()")
    run.wait_phase("ready")
    run.stop()
    abort(case, "is as it was$")
    case.check(identity(case) == case.before, f"given back, not {identity(case)}")


def run(case):
    config = case.write_config(cutover={"mode": "manual"}, throttle={"idle_ratio": 0.0})
    load = case.workload()
    for before, play in (("NOTHING", dies_and_is_aborted), ("USING INDEX t_code", waits_for_a_reader),
                         ("NOTHING", slow_event_trigger), ("DEFAULT", set_by_somebody)):
        case.psql(f"ALTER TABLE t REPLICA IDENTITY {before}")
        case.before = identity(case)
        play(case, config)
    case.stop_workload(load)
    case.check_twin()
