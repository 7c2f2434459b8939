import signal
import threading

from servers import wait_until

# As Patroni does it, but ten times as often.
DROP = ("SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots "
        "WHERE NOT active AND slot_name LIKE 'pgwraith%'")


class Manager:
    def __init__(self, case):
        self._case, self._stopped, self.dropped = case, threading.Event(), 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stopped.wait(1.0):
            self.dropped += int(self._case.superuser(DROP))

    def close(self):
        self._stopped.set()
        self._thread.join()


def overlapping(case, turns):
    """One transaction of four seconds begins each second: at no moment is there none."""
    case.superuser("CREATE TABLE other (n int); GRANT ALL ON other TO app")
    sessions = [case.session() for _ in range(4)]
    for turn in range(turns):
        session = sessions[turn % len(sessions)]
        if turn >= len(sessions):
            session.run("COMMIT")
        session.run("BEGIN")
        session.run("INSERT INTO other VALUES (1)")
        yield
    for session in sessions:
        session.run("ROLLBACK")


def run(case):
    transactions = overlapping(case, 9)
    for _ in range(4):
        next(transactions)
    manager = case.closing(Manager(case))
    run = case.start()
    waiting = threading.Event()
    for _ in transactions:
        waiting.wait(1.0)
    case.superuser("DROP TABLE other")
    run.wait_phase("ready")
    case.check(run.status()["reconnects"] == 0, "one attempt was enough")
    case.check(manager.dropped == 0, f"{manager.dropped} slots were dropped")
    run.signal(signal.SIGTERM)
    case.expect_exit(run, 4)
    wait_until("the manager to drop the slot", lambda: manager.dropped == 1)
    again = case.start()
    case.expect_exit(again, 4)
    case.says(again.log(), "is gone", "Only a new start helps", "ignore_slots: .*name: pgwraith_[0-9]+_[0-9]+, type: logical")
    status, output = case.pgwraith("abort")
    case.check(status == 5 or status == 0, f"abort: {status} {output}")
    last = case.start()
    last.wait_phase("ready")
    case.pgwraith("cutover")
    case.expect_exit(last, 0)
    manager.close()
    case.check(manager.dropped <= 2, f"{manager.dropped} slots were dropped")
