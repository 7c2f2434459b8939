import re

from servers import wait_until

VACUUMED = "SELECT count(DISTINCT relid) FROM pg_stat_progress_vacuum WHERE relid IN ('t'::regclass, 'p'::regclass)"


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    case.psql("UPDATE t SET a = a + 1; UPDATE p SET a = a + 1")
    wait_until("an autovacuum on both tables", lambda: case.superuser(VACUUMED) == "2")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, same_data=False)
    case.check(not re.findall("called off", run.log()), "the first attempt swaps")
    case.check("canceling autovacuum task" in case.server.log_text(), "the server made the autovacuum yield")
