from servers import PATIENCE


def run(case):
    case.make_reference()
    load = case.workload()
    blocker = case.session()
    blocker.run("BEGIN")
    pid = blocker.run("SELECT pg_backend_pid() FROM t LIMIT 1")
    run = case.start()
    run.wait_status("three attempts", lambda now: now["cutover_attempts"] >= 3)
    case.says(run.log(), pid)  # who blocks
    blocker.run("COMMIT")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
    worst = load.latencies_ms()[-1]
    case.notes.append(f"worst latency {worst:.0f} ms")
    # The rest is for the machine, which other cases keep busy.
    case.check(worst < 500 + 500 * PATIENCE, f"no client waited longer than max_blocked: {worst} ms")
