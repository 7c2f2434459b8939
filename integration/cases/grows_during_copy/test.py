def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    case.wait_held(run)
    size = lambda: int(case.superuser("SELECT count(*) FROM t"))
    before = size()
    # Counted first: what was counted was there while it still copied.
    run.wait_status("twice as many rows, still in the copy",
                    lambda _: size() > 2 * before and (run.status() or {}).get("phase") == "copy")
    case.release_copy()
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
