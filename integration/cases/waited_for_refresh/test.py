import re
import signal

from servers import wait_until

REFRESHES = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'REFRESH MATERIALIZED VIEW%' AND state = 'active'"


def run(case):
    run = case.start()
    run.wait_phase("ready")
    case.pgwraith("cutover")
    wait_until("the refresh to run", lambda: case.superuser(REFRESHES) == "1", 20)
    swapped = float(re.search(r"swapped: others waited ([\d.]+) ms at most", run.log())[1])
    run.signal(signal.SIGKILL)
    run.wait()
    wait_until("the server to have noticed", lambda: case.superuser(REFRESHES) == "0", 20)
    case.psql("DROP MATERIALIZED VIEW stored")  # somebody makes it anew himself, quickly
    case.psql("CREATE MATERIALIZED VIEW stored AS SELECT id, n FROM t")
    again = case.start()
    case.expect_exit(again, 0)
    waited = re.search(r"blocked +others waited ([\d.]+) ms at most", again.log())
    case.check(waited and float(waited[1]) >= swapped, f"the swap's {swapped} ms still count: {again.log()[-1500:]}")
    case.psql("DROP MATERIALIZED VIEW stored")
    case.psql("CREATE MATERIALIZED VIEW stored AS SELECT id, n + q.zero AS n FROM t, (SELECT slowly() AS zero) AS q")
    case.check_clean()

    third = case.start(case.write_config("again.yaml", sql="", cutover={"mode": "auto"}, state_dir=str(case.dir / "state2")),
                       state_dir=case.dir / "state2")
    case.expect_exit(third, 0)
    waited = re.search(r"blocked +others waited ([\d.]+) ms at most, for REFRESH MATERIALIZED VIEW", third.log())
    case.check(waited and float(waited[1]) >= 1500, f"the refresh counts: {third.log()[-1500:]}")
