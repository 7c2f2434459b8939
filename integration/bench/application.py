"""What the application and the slots saw while something else went on."""

import signal
import subprocess

SLOTS_SQL = "SELECT coalesce(max(pg_current_wal_insert_lsn() - restart_lsn), 0) FROM pg_replication_slots \\watch 0.1\n"


class SlotWatch:
    """The most WAL that a replication slot kept, as somebody saw who looked ten times a second."""

    def __init__(self, server, path):
        self._path = path
        with open(path, "w", encoding="utf-8") as out:
            self._process = subprocess.Popen(["psql", "-XqAt", "-d", server.conninfo()], stdin=subprocess.PIPE, stdout=out,
                                             stderr=subprocess.DEVNULL)
        self._process.stdin.write(SLOTS_SQL.encode())
        self._process.stdin.close()

    def stop(self):
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)
        return max((int(line) for line in self._path.read_text().splitlines() if line.isdigit()), default=0)


class Latencies:
    """Of the transactions that ended, or were scheduled, between two moments."""

    def __init__(self, directory, name, begin, end):
        self.seconds, self.longest_gap_ms, self.count = end - begin, 0.0, 0
        ends, self.sorted_ms = [], []
        for path in directory.glob(f"{name}.log.[0-9]*"):
            for line in path.read_text().splitlines():
                fields = line.split()
                if len(fields) < 6 or not fields[2].isdigit():
                    continue
                ended, took_ms = int(fields[4]) + int(fields[5]) / 1e6, int(fields[2]) / 1000
                if ended < begin or ended - took_ms / 1000 > end:
                    continue
                self.sorted_ms.append(took_ms)
                ends.append(ended)
                self.count += ended <= end
        self.sorted_ms.sort()
        ends = sorted([begin, *ends]) if ends else [begin, end]
        self.longest_gap_ms = max(b - a for a, b in zip(ends, ends[1:])) * 1000

    def percentile(self, part):
        return self.sorted_ms[min(len(self.sorted_ms) - 1, int(len(self.sorted_ms) * part))] if self.sorted_ms else 0.0

    def per_second(self):
        return self.count / self.seconds

    def figures(self, quiet=None):
        """`quiet`: those of the load alone."""
        lost = {} if quiet is None else {"lost": 100 * (1 - self.per_second() / quiet.per_second())}
        return {**lost, "p50": self.percentile(0.5), "p99": self.percentile(0.99), "p99.9": self.percentile(0.999),
                "worst": self.percentile(1), "block": self.longest_gap_ms}
