"""Where the seconds go: each phase of a migration beside the same work as bare SQL, in seconds and in processor time.

The processor time of a phase is what all processes of the server and the program used while it lasted. The floor of a
phase is the SQL that does its work and nothing else: two sessions copy a half each, as two workers do.
"""

import concurrent.futures
import os
import re

from common import DEFAULTS, HOST_VERSION, HarnessError, PROGRAM, Run, Scratch, grant_rights, json, print_table, sys, time
from processor import processor_seconds

# So that a phase can be taken apart: what takes the server longer is in its log.
LOGGED_FROM_MS = 4
LOGGED = {"log_min_duration_statement": str(LOGGED_FROM_MS), "log_line_prefix": "%n %a|"}
PHASES = ("prepare", "copy", "build", "catch_up", "verify", "cutover")
CHANGE = "ALTER TABLE t ALTER COLUMN id TYPE bigint"


class Meter:
    """What happens between two readings."""

    def __init__(self, server):
        self._postmaster = server.pid()
        self._server = server

    def wal(self):
        return int(self._server.psql("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))

    def server(self):
        return processor_seconds(self._postmaster)

    def measure(self, work):
        """(seconds, processor seconds of the server, MiB of WAL)"""
        wal, used, begin = self.wal(), self.server(), time.monotonic()
        work()
        seconds = time.monotonic() - begin
        return seconds, self.server() - used, (self.wal() - wal) / 2**20


def at_once(server, statements):
    with concurrent.futures.ThreadPoolExecutor(len(statements)) as pool:
        list(pool.map(lambda sql: server.psql(sql, "bench", "migrator", 3600), statements))


def fill(server, rows):
    server.psql("DROP TABLE IF EXISTS t, bare CASCADE", "bench", "migrator")
    server.psql(f"""
        CREATE TABLE t (id int PRIMARY KEY, customer int NOT NULL, created timestamptz NOT NULL, note text);
        INSERT INTO t SELECT i, hashint4(i) % 100000, timestamptz '2024-01-01' + i * interval '1 s', 'note ' || md5(i::text)
        FROM generate_series(1, {rows}) AS i;
        CREATE INDEX t_customer ON t (customer); CREATE INDEX t_created ON t (created, customer);
        VACUUM (ANALYZE) t""", "bench", "migrator", 3600)
    server.psql("CHECKPOINT", "bench")


def floor(server, meter):
    """The phases' work as bare SQL."""
    def sql(text):
        return lambda: server.psql(text, "bench", "migrator", 3600)
    server.psql("CREATE TABLE bare (id bigint, customer int NOT NULL, created timestamptz NOT NULL, note text)", "bench", "migrator")
    half = int(server.psql("SELECT relpages / 2 FROM pg_class WHERE relname = 't'", "bench"))
    results = {"copy": meter.measure(lambda: at_once(server, [
        f"INSERT INTO bare SELECT * FROM t WHERE ctid < '({half},0)'", f"INSERT INTO bare SELECT * FROM t WHERE ctid >= '({half},0)'"]))}
    results["build"] = meter.measure(lambda: (
        sql("VACUUM (ANALYZE) bare")(),
        at_once(server, ["CREATE UNIQUE INDEX ON bare (id)", "CREATE INDEX ON bare (customer)"]),
        at_once(server, ["CREATE INDEX ON bare (created, customer)"])))
    results["verify"] = meter.measure(sql(
        "SELECT count(*) FROM t FULL JOIN bare AS b USING (id) "
        "WHERE (t.customer, t.created, t.note) IS DISTINCT FROM (b.customer, b.created, b.note)"))
    return results


def reached(server, meter, scratch, verify, **settings):
    """{phase: (seconds, processor seconds of server, of the program, MiB of WAL)}"""
    directory = scratch.new_dir("run")
    config = directory / "change.yaml"
    values = {"connection": server.uri("bench", "migrator"), "table": "public.t", "sql": CHANGE, "strategy": "shadow",
              "verify": verify, "old_table": "drop", "state_dir": str(directory / "state"), **settings}
    config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()))
    run = Run(PROGRAM, config, directory / "state", directory / "run.log")

    def reading():
        return time.monotonic(), meter.server(), processor_seconds(run.process.pid), meter.wal() / 2**20

    # A reading each time another phase is seen; what comes before the first status is `prepare`.
    phase, begun, result = "prepare", reading(), {}
    try:
        while not run.exited():
            status = run.status()
            now = status["phase"] if status else phase
            if now != phase:
                reads = reading()
                result[phase] = tuple(b - a for a, b in zip(begun, reads))
                phase, begun = now, reads
            time.sleep(0.005)
    finally:
        run.kill()
    if run.process.returncode != 0:
        raise HarnessError(f"pgwraith: exit {run.process.returncode}\n{run.log()[-3000:]}")
    # The last phases may be over before anybody can ask; the program's own clock has them.
    return result, run.seen[-1].get("phase_ms", {})


def statements(log):
    """(begin, end, words) of those in the server's log, begin and end in seconds of the clock."""
    found = []
    for line in re.split(r"\n(?=\d+\.\d+ )", log):
        match = re.match(r"(\d+\.\d+) ([^|]*)\|LOG:  duration: ([\d.]+) ms  \S+(?: \S+)?: (.*)", line, re.S)
        if not match or not match[2].startswith("pgwraith"):
            continue
        end, session, took, text = float(match[1]), match[2], float(match[3]) / 1000, " ".join(match[4].split())
        session = re.sub(r"^pgwraith | \(pid .*", "", session)
        text = re.sub(r"^BEGIN; (SET LOCAL \S+ = \S+; )?", "", text)
        found.append((end - took, end, f"{session}: {text[:60]}"))
    return sorted(found)


def print_statements(log, begin):
    print("\nStatements that took the server longest, by the session of ours that they were in:\n")
    print_table(["from, s", "to, s", "statement"],
                [[f"{first - begin:.2f}", f"{last - begin:.2f}", words] for first, last, words in statements(log)])


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    version = sys.argv[2] if len(sys.argv) > 2 else HOST_VERSION
    with Scratch() as scratch:
        server = scratch.server("bench", version, conf={**DEFAULTS, **LOGGED})
        server.psql("CREATE DATABASE bench OWNER migrator")
        grant_rights(server, "bench")
        meter = Meter(server)
        fill(server, rows)
        bare = floor(server, meter)
        fill(server, rows)
        begin = time.time()
        found, clock = reached(server, meter, scratch, "full")
        print(f"\n{rows} rows, int to bigint, primary key and two secondary indexes, {os.cpu_count()} cores, "
              f"PostgreSQL {server.psql('SHOW server_version')} with its defaults\n")
        log = server.log_text()
    lines = []
    for phase in PHASES:
        if phase not in found and phase not in clock:
            continue
        seconds, server_cpu, program_cpu, wal = found.get(phase, (clock.get(phase, 0) / 1000, None, None, None))
        shown = [None if value is None else f"{value:.2f}" for value in (seconds, server_cpu, program_cpu)]
        floor_seconds, floor_cpu, floor_wal = bare.get(phase, (None, None, None))
        lines.append([phase, shown[0], "" if floor_seconds is None else f"{floor_seconds:.2f}",
                      shown[1] or "", "" if floor_cpu is None else f"{floor_cpu:.2f}", shown[2] or "",
                      "" if wal is None else f"{wal:.0f}", "" if floor_wal is None else f"{floor_wal:.0f}"])
    print_table(["phase", "seconds", "bare SQL", "server's CPU, s", "bare SQL", "program's CPU, s", "WAL, MiB", "bare SQL"], lines)
    print_statements(log, begin)


if __name__ == "__main__":
    main()
