from servers import PATIENCE, wait_until


def run(case):
    case.make_reference()
    load = case.workload(rate=None, clients=2)
    report = case.session()
    report.run("BEGIN")
    report.run("SELECT count(*) FROM t")
    run = case.start()
    wait_until("two tries", lambda: run.log().count("called off") >= 2)
    report.run("COMMIT")
    case.expect_exit(run, 0)
    case.says(run.log(), r'called off: public\.t is held by pid \d+ \(app')
    case.options["twin"] = ["SELECT id, n, pad FROM t", "SELECT id, n, pad FROM twin"]
    case.finish_success(run, [load])
    slowest = load.latencies_ms()[-1]
    case.notes.append(f"slowest transaction {slowest:.0f} ms")
    case.check(slowest < 1000 * PATIENCE, f"no client waits for longer than max_blocked: {slowest} ms")
