import re

from servers import wait_until


def blocks(status):
    """How far the fill has come."""
    found = re.search(r"pass 1: [\d,]+ rows filled, ([\d,]+) of", status["activity"])
    return int(found[1].replace(",", "")) if found else 0


def held(case, run, word):
    """The gate is closed for that reason, and nothing is filled."""
    status = run.wait_status(word, lambda now: re.search(word, now["throttled"] or ""))
    # The chunk that had begun may have ended since.
    stood = wait_until("an answer", lambda: blocks(run.status()))
    case.check(blocks(run.status()) <= stood + 2, f"it stands: {stood}, {run.status()}")
    return status["throttled"]


def goes_on(run):
    stood = blocks(run.status())
    run.wait_status("the fill to go on", lambda now: blocks(now) > stood + 2 and not now["throttled"], 60)


def run(case):
    standby = case.server.standby()
    snapshot = case.session()
    snapshot.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    snapshot.run("SELECT FROM other")
    run = case.start()
    # Autovacuum comes, and may take nothing away while somebody has an old snapshot.
    case.says(held(case, run, "dead"), r"[1-9]\d% of the rows are dead .fill.max_dead_rows is 10%.: waiting for autovacuum")
    snapshot.run("COMMIT")
    goes_on(run)
    code, output = case.pgwraith("set", "fill.max_dead_rows=1")
    case.check(code == 0, output)
    goes_on(run)
    standby.psql("SELECT pg_wal_replay_pause()")
    held(case, run, "behind")
    standby.psql("SELECT pg_wal_replay_resume()")
    goes_on(run)
    case.check(blocks(run.status()) < 150, f"all of that while rows were filled: {run.status()}")
    case.server.restart()
    wait_until("it to be said", lambda: "again in" in run.log())
    code, output = case.pgwraith("set", "throttle.idle_ratio=0")
    case.check(code == 0, output)
    case.expect_exit(run, 0)
    case.says(run.log(), "fill made: 30,000 rows were filled, in 0 the application was first, 0 are left NULL; of all 30,000 rows compared "
              "30,000 have", "fill old: 30,000 rows were filled", "column made: the current time in its expression is that")
    case.check(case.superuser("SELECT count(DISTINCT made + n * interval '1 s') = 1 AND count(*) = 30000 FROM t") == "t",
               "one moment, over the restart")
    case.check(case.superuser("SELECT count(*) = 30000 FROM t WHERE old = 'old ' || id") == "t", "both columns are filled")
    case.check(case.superuser("SELECT relpages < 400 FROM pg_class WHERE oid = 't'::regclass") == "t", "each row was written once")
    case.check_clean()
