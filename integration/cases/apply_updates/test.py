import json

from servers import wait_until

WRITTEN = """SELECT json_build_object('updated', n_tup_upd, 'hot', n_tup_hot_upd, 'deleted', n_tup_del)
               FROM pg_stat_user_tables WHERE schemaname LIKE 'pgwraith_new_%' AND relname = 't'"""


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("ready")
    run.stop()
    run = case.start()  # what the server can do was asked when the shadow was made
    run.wait_phase("ready")
    # (The rows that changed during the copy were deleted from the new table before it had an index.)
    before = json.loads(case.psql(WRITTEN))

    def written():
        now = json.loads(case.psql(WRITTEN))
        return {name: now[name] - before[name] for name in now}

    wait_until("500 rows updated in the new table", lambda: written()["updated"] >= 500)
    seen = written()
    case.check(seen["deleted"] < seen["updated"] / 10, f"rows are updated, not deleted and inserted: {seen}")
    case.check(seen["hot"] > seen["updated"] * 0.8, f"the indexes are left alone: {seen}")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
