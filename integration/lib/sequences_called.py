"""The swap of a table whose clients call its sequence all the time: it gets through, and nobody notices."""

from servers import PATIENCE

TRIES = 4


def swaps_under_load(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    load = case.workload()
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    load.wait_progress()
    case.finish_success(run, [load], same_data=False)
    slowest = load.latencies_ms()[-1]
    case.notes.append(f"slowest transaction {slowest:.0f} ms")
    case.check(slowest < 1000 * PATIENCE, f"no client waited for a second: {slowest} ms")
    case.check(run.log().count("was called off") <= TRIES, "it swaps after a few attempts")
