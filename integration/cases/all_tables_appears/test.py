def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    case.wait_held(run)
    case.superuser("CREATE PUBLICATION everything FOR ALL TABLES")
    run.wait_status("the publication to be noticed", lambda now: 'publication "everything" appeared' in run.log())
    case.release_copy()
    run.wait_phase("ready")
    applied = run.status()["changes_applied"]
    run.wait_status("changes to be applied", lambda now: now["changes_applied"] > applied + 50)
    # What follows is the application's: its new table has no replica identity, and writes to it would fail.
    case.superuser("DROP PUBLICATION everything")
    case.check(case.pgwraith("cutover")[0] == 0, "cutover")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
