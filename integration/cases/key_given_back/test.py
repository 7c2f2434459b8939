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


def run(case):
    config = case.write_config(cutover={"mode": "manual"}, throttle={"idle_ratio": 0.0})
    load = case.workload()
    for before, play in (("NOTHING", dies_and_is_aborted), ("USING INDEX t_code", waits_for_a_reader)):
        case.psql(f"ALTER TABLE t REPLICA IDENTITY {before}")
        case.before = identity(case)
        play(case, config)
    case.stop_workload(load)
    case.check_twin()
