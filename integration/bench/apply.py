"""The applier against its own SQL in psql: the very statements, parameters and batches that it sent, from a file.

The program is stopped at `ready`, the keys change, and then either the program is started again or the statements
that it sent the first time (taken from the server's log) are sent by psql, as many sessions as apply.workers. The rate
is that of the server's commit timestamps: of the shadow's rows without the first quarter, which still competes with
the stream.
"""

import json
import re
import statistics
import subprocess

from common import CONF, PROGRAM, HarnessError, Scratch, print_table, sys
from program import Run

LOGGED = re.compile(r"^(?P<head>\d{4}-\S+ \S+ \S+) \[(?P<pid>\d+)\] \S+ pgwraith apply (?P<rest>.*)$")
WRITES = ("DELETE", "INSERT", "MERGE", "UPDATE", "WITH")


def transactions(log):
    """What each session of the applier sent between BEGIN and COMMIT: lists of (statement, parameters); its SETs."""
    found, settings, open_ones = [], None, {}
    current = None  # (pid, kind, text), of which the next lines may be part
    def ends():
        nonlocal settings
        if current is None:
            return
        pid, text = current
        text = text.strip()
        word = text.split(None, 1)[0].upper() if text else ""
        if word == "BEGIN":
            open_ones[pid] = []
        elif word == "COMMIT":
            if open_ones.get(pid):
                found.append(open_ones[pid])
            open_ones[pid] = []
        elif text.startswith("SET enable_"):
            settings = text
        elif pid in open_ones and word in WRITES:
            open_ones[pid].append([text, ""])
    for line in log.splitlines():
        match = LOGGED.match(line)
        if not match:
            if re.match(r"^\d{4}-", line):  # another session's: what follows is not ours
                ends()
                current = None
            elif current:
                current = (current[0], current[1] + "\n" + line)
            continue
        rest = match["rest"].split(" LOG:  ", 1)
        if len(rest) == 2:
            ends()
            sent = re.match(r"(?:statement|execute [^:]*): (.*)$", rest[1])
            current = (match["pid"], sent[1]) if sent else None
        elif " DETAIL:  parameters: " in match["rest"]:
            ends()
            current = None
            if open_ones.get(match["pid"]):
                open_ones[match["pid"]][-1][1] = match["rest"].split(" DETAIL:  parameters: ", 1)[1]
    ends()
    if not found or not settings:
        raise HarnessError("the server's log shows no batch of the applier")
    return found, settings


def parameters(text):
    """$1 = '…', $2 = NULL -> what EXECUTE takes."""
    return re.sub(r"(^|, )\$\d+ = ", r"\1", text)


def write_scripts(directory, batches, settings, workers):
    names = {}
    for batch in batches:
        for statement, _ in batch:
            names.setdefault(statement, f"s{len(names)}")
    scripts = []
    for worker in range(workers):
        lines = [settings + ";", "SET plan_cache_mode = force_custom_plan;"]
        lines += [f"PREPARE {name} AS {statement};" for statement, name in names.items()]
        for batch in batches[worker::workers]:
            lines.append("BEGIN ISOLATION LEVEL REPEATABLE READ;")
            lines += [f"EXECUTE {names[statement]}({parameters(values)});" for statement, values in batch]
            lines.append("COMMIT;")
        path = directory / f"worker{worker}.sql"
        path.write_text("\n".join(lines) + "\n")
        scripts.append(path)
    return scripts


class Bench:
    def __init__(self, scratch, rows, every, workers):
        self.scratch, self.rows, self.every = scratch, rows, every
        self.server = scratch.server("bench", conf={**CONF, "track_commit_timestamp": "on"})
        self.server.psql("CREATE DATABASE bench OWNER migrator")
        self.server.psql(f"""
            CREATE TABLE t (id int PRIMARY KEY, customer int NOT NULL, created timestamptz NOT NULL, note text, n int NOT NULL);
            INSERT INTO t SELECT i, hashint4(i) % 100000, timestamptz '2024-01-01' + i * interval '1 s',
                                 'note ' || md5(i::text), 0 FROM generate_series(1, {rows}) AS i;
            CREATE INDEX t_customer ON t (customer); CREATE INDEX t_created ON t (created, customer);
            VACUUM (ANALYZE) t""", "bench", "migrator", 600)
        directory = scratch.path / "run"
        directory.mkdir()
        self.config, self.state = directory / "change.yaml", directory / "state"
        values = {"connection": self.server.uri("bench", "migrator"), "table": "public.t", "sql": "", "verify": "off",
                  "state_dir": str(self.state), "cutover": {"mode": "manual"}, "apply": {"workers": workers}}
        self.config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()))
        self.log = directory / "run.log"
        self.changed = 0  # since the program last ran

    def change_keys(self):
        self.changed += int(self.server.psql(f"""
            WITH changed AS (UPDATE t SET n = n + 1 WHERE hashint4(id) % {self.every} = 0 RETURNING 1)
            SELECT count(*) FROM changed""", "bench", "migrator", 600))
        self.server.psql("VACUUM t", "bench", "migrator", 600)
        self.server.psql(f"VACUUM {self.shadow}; CHECKPOINT", "bench")
        self.mark = self.server.psql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint % 4294967296", "bench")

    def program(self):
        """Until every change has come and nothing is pending, then stopped."""
        run = Run(str(PROGRAM), self.config, self.state, self.log)
        try:
            run.wait_status("everything applied", lambda status: status["phase"] == "ready" and
                            status["changes_received"] >= self.changed and status["pending_changes"] == 0, 300)
            self.changed = 0
            run.stop()
        finally:
            run.kill()

    def psql(self, scripts):
        clients = [subprocess.Popen(["psql", "-Xqv", "ON_ERROR_STOP=1", "-d", self.server.conninfo("bench", "migrator"),
                                     "-f", str(script)], stdout=subprocess.DEVNULL) for script in scripts]
        if any(client.wait() != 0 for client in clients):
            raise HarnessError("psql failed")

    def rate(self):
        """Keys in a second, of the rows that were written since change_keys()."""
        keys, rate = self.server.psql(f"""
            WITH applied AS (SELECT pg_xact_commit_timestamp(xmin) AS at FROM {self.shadow}
                             WHERE xmin::text::bigint >= {self.mark}),
                 times AS (SELECT count(*) AS keys, percentile_disc(0.25) WITHIN GROUP (ORDER BY at) AS quarter, max(at) AS ended
                           FROM applied)
            SELECT keys, (SELECT count(*) FROM applied WHERE at > quarter) / extract(epoch FROM ended - quarter) FROM times""",
                                      "bench").split("|")
        return int(keys), float(rate)


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    workers = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    with Scratch() as scratch:
        bench = Bench(scratch, rows, every, workers)
        bench.program()
        server = bench.server
        bench.shadow = server.psql("SELECT oid::regclass FROM pg_class WHERE relname = 't' "
                                   "AND relnamespace::regnamespace::text LIKE 'pgwraith_new%'", "bench")
        bench.change_keys()
        server.psql("ALTER ROLE migrator SET log_statement = 'all'")
        before = len(server.log_text())
        bench.program()
        server.psql("ALTER ROLE migrator RESET log_statement")
        batches, settings = transactions(server.log_text()[before:])
        scripts = write_scripts(bench.state.parent, batches, settings, workers)

        rates, keys = {"psql": [], "pgwraith": []}, 0
        for _ in range(rounds):
            bench.change_keys()
            bench.psql(scripts)
            rates["psql"].append(bench.rate()[1])
            bench.program()  # takes up what psql has applied already, and its writes, before the next backlog
            bench.change_keys()
            bench.program()
            keys, rate = bench.rate()
            rates["pgwraith"].append(rate)
        statements = [statement for statement, _ in batches[-1]]
    print(f"\n{keys} of {rows} keys changed, int key, two secondary indexes, {len(batches)} batches, {workers} "
          f"session(s), idle server, median of {rounds}; keys per second:\n")
    base = statistics.median(rates["psql"])
    print_table(["", "median", "ratio", "all"],
                [[name, f"{statistics.median(all_of):,.0f}", f"{statistics.median(all_of) / base:.2f}",
                  " ".join(f"{rate:,.0f}" for rate in all_of)] for name, all_of in rates.items()])
    print("\n" + "\n".join(statements))


main()
