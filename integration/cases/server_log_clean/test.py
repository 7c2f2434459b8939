import re
import signal


def run(case):
    case.make_reference()
    first = case.start()
    first.wait_phase("ready")
    case.check(first.status()["reconnects"] == 0, "one attempt was enough")
    first.signal(signal.SIGTERM)
    case.expect_exit(first, 4)
    second = case.start()
    second.wait_phase("ready")
    status, output = case.pgwraith("cutover")
    case.check(status == 0, f"cutover: {output}")
    case.expect_exit(second, 0)
    case.finish_success(second, same_data=True)
    bad = [line for line in case.server.log_text().splitlines()
           if case.database in line and re.search(r"pgwraith .*(ERROR|FATAL|PANIC|WARNING|connection|could not)", line)]
    case.check(not bad, "the server's log has no complaint about pgwraith:\n" + "\n".join(bad[:10]))
