import shutil


def run(case):
    before = case.server.dump_schema(case.database)
    load = case.workload()
    case.killed_run("copy")
    shutil.rmtree(case.state_dir)
    # What looks like a migration's but is not must stay: only a whole set with the table's own OID is ours.
    case.superuser("CREATE SCHEMA pgwraith_new_1; CREATE TABLE pgwraith_new_1.t (id int)")
    case.succeeds("abort")
    case.check(case.superuser("SELECT count(*) FROM pg_class WHERE relnamespace = 'pgwraith_new_1'::regnamespace") == "1",
               "a schema that is not this table's stays")
    case.superuser("DROP SCHEMA pgwraith_new_1 CASCADE")
    case.check_nothing_happened(before)
    case.stop_workload(load)
    case.check_twin()
    # And a new run starts from the beginning.
    case.release_copy()
    run = case.start()
    case.expect_exit(run, 0)
    case.finish_success(run)
