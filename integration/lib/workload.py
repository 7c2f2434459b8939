"""pgbench as the application: what it wrote, whether it ever saw an error, how long it waited."""

import os
import pathlib
import re
import signal
import subprocess
import time

from servers import PATIENCE, HarnessError, wait_until

# A deadlock is a failed transaction to pgbench, nothing to stop for: it says so when asked to (--verbose-errors).
_ERROR = re.compile(r"(ERROR|FATAL|PANIC|aborted in command|connection to server|Run was aborted|^progress: .*[1-9]\d* failed)")


class Workload:
    """REQUIRES: the scripts end every transaction that they begin. Stop it before the tables are compared."""

    def __init__(self, server, database, directory, scripts, clients=4, mode="simple", rate=None, user="app",
                 defines=None, name="w"):
        self.server, self.database, self.name = server, database, name
        self.errors = None
        self._prefix = pathlib.Path(directory) / f"{name}.log"
        self._stderr_path = pathlib.Path(directory) / f"{name}.err"
        # pgbench prepares statements synchronously: a thread that waits there for a table lock would keep its other
        # clients from finishing the transactions that the lock waits for. So: a thread for each client.
        argv = ["pgbench", "-n", "-c", str(clients), "-j", str(clients if mode == "prepared" else 2),
                "-M", mode, "-T", "600", "-P", "1", "--verbose-errors", "-l", "--log-prefix", str(self._prefix)]
        if rate:
            argv += ["-R", str(rate)]
        for key, value in (defines or {}).items():
            argv += ["-D", f"{key}={value}"]
        for script in scripts:
            argv += ["-f", str(script)]
        env = {**os.environ, "PGAPPNAME": f"workload-{name}", "PGHOST": server.host, "PGPORT": str(server.port),
               "PGUSER": user, "PGDATABASE": database}
        self._stderr = open(self._stderr_path, "w", encoding="utf-8")
        self.process = subprocess.Popen(argv, stdout=self._stderr, stderr=self._stderr, stdin=subprocess.DEVNULL,
                                        env=env)
        wait_until(f"the first transactions of workload {name}", self._started, 30)

    def _started(self):
        if self.process.poll() is not None:
            raise HarnessError(f"pgbench ended at once:\n{self.output()}")
        return self.server.psql("SELECT count(*) FROM pg_stat_activity "
                                f"WHERE application_name = 'workload-{self.name}' AND datname = '{self.database}' "
                                "AND query <> ''") != "0"

    def output(self):
        return self._stderr_path.read_text(encoding="utf-8", errors="replace")

    def _logs(self):
        return list(self._prefix.parent.glob(self._prefix.name + ".[0-9]*"))

    def wait_progress(self, timeout=20):
        """Until transactions that began after this call have finished."""
        # A line a second tells the rate of that second; the one after the next has begun after this call.
        def seconds_with_work():
            return len(re.findall(r"^progress: [\d.]+ s, (?!0\.0 tps)", self.output(), re.MULTILINE))
        before = seconds_with_work()
        wait_until("the workload to go on", lambda: seconds_with_work() >= before + 2 or
                   self.process.poll() is not None, timeout)

    def seen_errors(self):
        """The lines that say that something went wrong so far."""
        return [line for line in self.output().splitlines() if _ERROR.search(line)]

    def wait_logged(self, timeout=60):
        """Until each thread has written down what it had done before this call (pgbench's buffers are lost when it
        ends), or a client has given up: its thread writes nothing any more."""
        now = time.time()
        def written(path):
            lines = path.read_text().splitlines()[:-1]
            return bool(lines) and int(lines[-1].split()[4]) >= now
        wait_until("the clients' latencies to be written", lambda: all(map(written, self._logs())) or self.seen_errors(), timeout)

    def stop(self):
        """Ends the clients; returns the lines that say that something went wrong (none: all went well)."""
        if self.errors is not None:
            return self.errors
        died = self.process.poll() is not None
        if not died:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20 * PATIENCE)
        self._stderr.close()
        wait_until("the workload's sessions to end", lambda: self.server.psql(
            f"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'workload-{self.name}' "
            f"AND datname = '{self.database}'") == "0")
        self.errors = self.seen_errors()
        if died and not self.errors:
            self.errors = ["pgbench ended before it was told to: " + self.output()[-500:]]
        return self.errors

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()

    close = kill

    # -- figures; after stop()

    def latencies_ms(self, own=False):
        """Of every finished transaction. With a rate, pgbench counts the time behind schedule too, `own` does not."""
        result = []
        for path in self._logs():
            for line in path.read_text().splitlines():
                fields = line.split()
                if len(fields) >= 6 and fields[2].isdigit():
                    lag = int(fields[6]) if own and len(fields) > 6 and fields[6].isdigit() else 0
                    result.append((int(fields[2]) - lag) / 1000.0)
        return sorted(result)
