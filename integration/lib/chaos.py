"""What the chaos tests share: the table under its clients, runs that die on request, and the judges afterwards."""

import os
import pathlib
import re
import signal
import time

from case import Case
from servers import HarnessError, wait_until

CHAOS = pathlib.Path(__file__).resolve().parents[1] / "chaos"
CLIENT_SCRIPTS = sorted((CHAOS.parent / "cases" / "oracle_simple").glob("workload*.sql"))

# Slow for sessions of one purpose only, so that the phases before are not. A statement that runs sees of other sessions
# only what no snapshot hides, such as the value of a sequence.
SLOW_FUNCTION = """CREATE SEQUENCE slowness;
GRANT SELECT ON slowness TO app;
CREATE FUNCTION slow(x bigint) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('application_name') ~ '^pgwraith ({purposes}) ' AND (SELECT last_value FROM public.slowness) = 1 THEN
        PERFORM pg_sleep({seconds});
    END IF;
    RETURN 'new';
END $$"""

# Says that the verifier had to fix what should never have been wrong.
_REPAIR = re.compile(r"^.*\berror\b.*verification:.*$", re.MULTILINE | re.IGNORECASE)


class Skip(Exception):
    """The machine does not allow the test; the text says what is missing."""


class ChaosCase(Case):
    """A case under any name, whose runs get `env` beside the runner's own variables."""

    def __init__(self, name, program, scratch, server, folder=CHAOS / "table", env=None, settings=None, options=None):
        super().__init__(folder, program, scratch, server)
        self.name = re.sub(r"\W+", "_", name)
        self.database = self.name.lower()[:50]
        self.env = env or {}
        self.options = {**self.options, **(options or {})}
        if settings:
            self.options["settings"] = {**self.options["settings"], **settings}
        self.logs = []
        self._told_to_cut_over = False

    def start(self, config=None, state_dir=None, env=None, **options):
        run = super().start(config, state_dir, {**self.env, **(env or {})}, **options)
        self.logs.append(run)
        return run

    def pgwraith(self, *arguments, env=None, **options):
        return super().pgwraith(*arguments, env={**self.env, **(env or {})}, **options)

    def clients(self, **options):
        return self.workload(CLIENT_SCRIPTS, name="clients", defines={"stripe": 0}, **options)

    def all_logs(self):
        path = self.dir / "run.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def time_to_go_wrong(self):
        return 5 if "PGWRAITH_BREAK" in self.env else super().time_to_go_wrong()

    # -- runs that die

    def run_until_crash(self, point, timeout=40, env=None):
        """A run that kills itself at the point; HarnessError when it ends otherwise, None when it never came there."""
        run = self.start(env={**(env or {}), "PGWRAITH_CRASH_AT": point})
        code = run.wait(timeout)
        if code == 0:
            return None
        if code != -signal.SIGKILL:
            raise HarnessError(f"exit {code} before {point} was reached\n{run.log()[-3000:]}")
        return run

    def must_crash(self, point, **options):
        run = self.run_until_crash(point, **options)
        if run is None:
            raise HarnessError(f"the run never came to {point}")
        return run

    def run_to_end(self, timeout=60):
        run = self.start()
        self.expect_exit(run, 0, timeout)
        return run

    def slow_in(self, purposes, seconds):
        """Lets each row take so long in our sessions for `purposes` ("build|verify"): an index is made and values are
        computed with a function that sleeps there."""
        self.psql(SLOW_FUNCTION.format(purposes=purposes, seconds=seconds))
        slow = {}
        if "build" in purposes:
            slow["sql"] = self.text("change.sql") + "CREATE INDEX t_slow ON public.t (public.slow(id));\n"
        if purposes != "build":
            slow["values"] = {"status": "public.slow(id)"}
        self.options["settings"] = {**self.options["settings"], **slow}
        self.write_config()

    def let_go(self):
        """From now on slow() is quick, also in the statements that run."""
        self.psql("SELECT setval('slowness', 2)")

    def wait_slow(self, purpose):
        wait_until(f"a statement of {purpose} that takes long", lambda: self.superuser(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND "
            f"application_name LIKE 'pgwraith {purpose} %' AND wait_event = 'PgSleep'") != "0", 60)

    def shadow(self):
        return self.superuser("SELECT format('%I.t', nspname) FROM pg_namespace WHERE nspname LIKE 'pgwraith\\_new%'")

    # -- the judges

    def judge(self, load=None, repairs=False):
        """After exit 0: equal row by row, no client failed, nothing left behind, nothing had to be repaired."""
        if load:
            self.stop_workload(load)
        self.check_twin()
        self.check_clean()
        self.check_old_table()
        left = {path.name for path in self.state_dir.iterdir()} if self.state_dir.exists() else set()
        self.check(left <= {"done.json", "MADE"}, f"nothing is left in the state directory but the record: {left}")
        found = _REPAIR.findall(self.all_logs())
        if found and not repairs:
            raise HarnessError("the verifier found differences that should not have been:\n" + "\n".join(found[:10]))
        if repairs:
            self.check(found, "the verifier reports what it repaired")

    def judge_abort(self):
        """A stopped migration can be aborted, and the live table is untouched."""
        code, output = self.pgwraith("abort")
        self.check(code == 0, f"abort exits 0, not {code}: {output}")
        self.check_clean()
        left = [path.name for path in self.state_dir.iterdir()] if self.state_dir.exists() else []
        self.check(not left, f"nothing is left in the state directory: {left}")
        self.check_twin(["SELECT id, code, a, b, c, n, note FROM t", "SELECT id, code, a, b, c, n, note FROM twin"])

    # -- the swap's locks

    def _locks_of_the_swap(self, watcher, mode, granted):
        return watcher.run(f"SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode = '{mode}' AND "
                           f"{'' if granted else 'NOT '}granted AND pid IN (SELECT pid FROM pg_stat_activity "
                           "WHERE application_name LIKE 'pgwraith cutover%')") != "0"

    def lock_held(self, watcher):
        return self._locks_of_the_swap(watcher, "AccessExclusiveLock", True)

    def _attempt_runs(self, watcher):
        return self._locks_of_the_swap(watcher, "ShareUpdateExclusiveLock", True)

    def _cutover_behind(self, statements, watcher):
        """A session whose transaction has run `statements` and that the swap was seen waiting for."""
        # It queues behind none that held the table when it looked, so this one begins after that; if it began before, the
        # attempt is called off, and another one comes.
        reader, blocker = self.session(), self.session()
        while True:
            reader.run("BEGIN")
            reader.run("SELECT FROM t LIMIT 1")
            if not self._told_to_cut_over:
                code, output = self.pgwraith("cutover")
                self.check(code == 0, f"cutover exits 0, not {code}: {output}")
            self._told_to_cut_over = True
            wait_until("the swap's weak locks", lambda: self._attempt_runs(watcher), 40, 0.002)
            time.sleep(0.1)  # its look takes a few milliseconds
            blocker.run("BEGIN")
            for statement in statements:
                blocker.run(statement)
            reader.run("COMMIT")

            def queues():
                if self._locks_of_the_swap(watcher, "AccessExclusiveLock", False):
                    return "yes"
                return "" if self._attempt_runs(watcher) else "no"
            # It waits in rounds: once seen waiting it may not be a moment later, and comes back.
            if wait_until("the attempt to queue or to end", queues, 20, 0.002) == "yes":
                return blocker
            blocker.run("ROLLBACK")

    def commit_before_the_lock(self, statements, watcher):
        """A run that is ready gets its swap's lock right after `statements` were committed, while its walsender is stopped:
        they are in no ledger yet. Returns the walsender. (A swap that does not wait for the stream may be over then.)"""
        while True:
            walsender = self.walsender_pid()
            blocker = self._cutover_behind(statements, watcher)
            send(walsender, signal.SIGSTOP)
            try:
                blocker.run("COMMIT")

                def outcome():
                    if self.lock_held(watcher):
                        return "held"
                    # Both, if it comes, in one transaction: an attempt that has ended has swapped or has not.
                    return "" if self._attempt_runs(watcher) else "swapped" if self.old_schemas() else "called off"
                if wait_until("the lock, or the attempt's end", outcome, 20, 0.002) != "called off":
                    return walsender
            except BaseException:
                send(walsender, signal.SIGCONT)
                raise
            send(walsender, signal.SIGCONT)  # the lock was not granted in time: another attempt comes

    # -- the server's processes

    def backend_pids(self, like="pgwraith%"):
        text = self.superuser("SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                              f"AND application_name LIKE '{like}'")
        return [int(line) for line in text.split()]

    def walsender_pid(self):
        return int(wait_until("our walsender", lambda: self.superuser(
            f"SELECT active_pid FROM pg_replication_slots WHERE database = '{self.database}' AND active_pid IS NOT NULL")))


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    if number == signal.SIGSTOP:  # on a busy machine it may run on for some milliseconds
        wait_until("that process to stand still", lambda: _state(pid) in ("T", "t", "Z", ""), 20, 0.001)
    return True


def _state(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return ""


class Stopped(list):
    """Processes that go on at the latest when the test ends."""

    def close(self):
        for pid in self:
            send(pid, signal.SIGCONT)
        self.clear()
