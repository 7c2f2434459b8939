import time

from servers import PATIENCE


def run(case):
    run = case.start(case.write_config(reconnect={"give_up_after": "6s"}))
    case.wait_held(run)
    case.server.stop("immediate")
    begin = time.monotonic()
    case.expect_exit(run, 4)
    took = time.monotonic() - begin
    case.check(5.5 <= took <= 6 + 3 * PATIENCE, f"gave up after {took:.1f} s")
    case.says(run.log(), "gave up after 6s", "slot keeps WAL")
    case.server._run()
    case.release_copy()
    code, output = case.pgwraith("abort")
    case.check(code == 0, output)

    # Stopped before there is a slot: a transaction keeps it from being made.
    writer = case.session("migrator")
    writer.run("BEGIN")
    writer.run("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE")
    run = case.start()
    run.wait_phase("prepare")
    run.stop()
    case.check("slot keeps WAL" not in run.log(), f"no slot, no word of it: {run.log()[-1000:]}")
    code, output = case.pgwraith("status")
    case.check(code == 4 and "slot keeps WAL" not in output, output)
    writer.run("COMMIT")
    code, output = case.pgwraith("abort")
    case.check(code == 0, output)
