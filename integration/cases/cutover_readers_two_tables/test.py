from servers import wait_until

READERS = ("SELECT min(n) FROM (SELECT count(DISTINCT pid) AS n FROM unnest(ARRAY['t', 'p']) AS r LEFT JOIN pg_locks ON relation = r::regclass"
           " AND granted AND mode = 'AccessShareLock' GROUP BY r) AS counts")


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    load = case.workload()
    wait_until("readers that overlap", lambda: int(case.superuser(READERS)) > 2)
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    load.wait_progress()
    case.finish_success(run, [load])
    case.check(run.log().count("was called off") <= 1, "it swaps")
