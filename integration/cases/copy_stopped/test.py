import re
import signal

from servers import wait_until

READERS = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'pgwraith copy % reads%' AND state = 'active' AND query LIKE '%COPY%'"


def in_the_middle(case, run):
    """Rows have come to a shadow whose first chunk is not over."""
    run.wait_phase("copy")
    wait_until("rows on their way", lambda: case.superuser(READERS) != "")


def complaints(case):
    return [line for line in case.server.log_text().splitlines()
            if case.database in line and re.search(r"pgwraith copy .*(ERROR|FATAL|PANIC|WARNING|unexpected|could not)", line)]


def run(case):
    first = case.start()
    in_the_middle(case, first)
    first.signal(signal.SIGTERM)
    case.expect_exit(first, 4)
    wait_until("our sessions to end", lambda: case.superuser("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgwraith%'") == "0")
    case.check(not complaints(case), f"a stop is no error: {complaints(case)[:10]}")
    case.check(first.log().count("rows are copied by COPY") == 1, "two workers that ask at once say it once")

    second = case.start()
    in_the_middle(case, second)
    # Between two looks a chunk may end, and the next not have begun.
    wait_until("a reader to be ended", lambda: case.superuser(f"SELECT pg_terminate_backend(pid) FROM ({READERS} LIMIT 1) AS one") == "t")
    second.wait_status("a new attempt", lambda now: now["reconnects"] > 0 and now["phase"] == "copy")
    case.expect_exit(second, 0)
    own = [line for line in complaints(case) if "terminating connection due to administrator command" not in line]
    case.check(not own, f"the writer's COPY ends in order: {own[:10]}")
    case.check(case.psql("SELECT count(*) = 4000 AND count(DISTINCT id) = 4000 AND bool_and(note LIKE 'note of ' || id || '...%') FROM t") == "t", "each row once")
