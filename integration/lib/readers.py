"""The swap of a table under readers that overlap: always some of them hold it, or a table that it is locked with."""

from servers import wait_until


def readers(case, relations):
    """How many sessions read the one of the relations that has the fewest."""
    return int(case.superuser(
        f"SELECT min(n) FROM (SELECT count(DISTINCT pid) AS n FROM unnest(ARRAY{list(relations)}) AS r LEFT JOIN pg_locks"
        " ON relation = r::regclass AND granted AND mode = 'AccessShareLock' GROUP BY r) AS counts"))


def swaps_beside_readers(case, *relations):
    """Returns the run, which has swapped."""
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    load = case.workload()
    wait_until("readers that overlap", lambda: readers(case, relations) > 2)
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    load.wait_progress()
    case.finish_success(run, [load])
    return run
