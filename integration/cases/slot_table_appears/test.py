"""What the server's logical decoding gets wrong: a catalog change that commits while a new slot gathers the running
transactions is missing from the snapshot that it makes then, and keeps until the next catalog change. Sent to us, what
wrote to that table would end the stream with 'could not map filenode'."""

import signal

from chaos import Stopped, send
from servers import HarnessError
from slot_steps import consistent_slot_with_writer


def run(case):
    case.make_reference()
    # Every 15 s it logs which transactions run; a snapshot that is made anew from that would be right by chance.
    bgwriter = int(case.superuser("SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'"))
    case.closing(Stopped([bgwriter]))
    send(bgwriter, signal.SIGSTOP)
    load = case.workload()
    run, writer = consistent_slot_with_writer(case, "CREATE TABLE appeared (id int)", "INSERT INTO appeared VALUES (1)")
    # A program that does not wait for that transaction takes the stream's start now, before its COMMIT. Neither copies.
    try:
        run.wait_phase("copy", 0.5)
        case.check(False, "it waits for the writer")
    except HarnessError as waiting:
        case.check("in vain" in str(waiting), str(waiting))
    writer.run("COMMIT")
    case.wait_held(run)
    case.psql("INSERT INTO appeared VALUES (2)")
    case.release_copy()
    case.expect_exit(run, 0)
    case.psql("DROP TABLE appeared")
    case.finish_success(run, [load])
