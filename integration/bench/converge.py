"""The highest write rate at which a rebuild comes to its end, beside the other tools that the server has.

The application updates random rows of the table at an offered rate. One tool after the other gets so many seconds to
rebuild the table meanwhile, the swap included; then the rate rises by a half, for those that came to their end. Last of
all the application writes as fast as it can. What is printed is the rate that it reached while the tool was at work, and
the longest time in which none of its transactions ended.
"""

import json
import signal
import subprocess

from application import Latencies
from common import CONF, HOST_VERSION, PROGRAM, HarnessError, Scratch, grant_rights, print_table, sys, time
from contenders import extensions, preloaded
from program import Run
from workload import Workload

CLIENTS = 8
STEP = 1.5
WARM_SECONDS = 8  # after a checkpoint the first change of each page is written whole: the rate is lower than it will be


class Table:
    number = 0

    def __init__(self, scratch, server, rows, rows_each):
        self.scratch, self.server, self.rows, self.rows_each = scratch, server, rows, rows_each
        self.extensions = [name for name in extensions(server) if name != "pg_rewrite"]  # it does not rebuild in place
        self.script = scratch.path / f"{rows}.sql"
        # Each client has rows of its own: many in a transaction, and no deadlock among the clients.
        self.script.write_text(f"UPDATE t SET n = n + 1 WHERE id IN (SELECT 1 + :client_id + {CLIENTS} * "
                               f"(random() * {rows // CLIENTS - 1})::int FROM generate_series(1, {rows_each}));\n")

    def make(self):
        Table.number += 1
        name = f"run{Table.number}"
        self.server.psql(f"CREATE DATABASE {name} OWNER migrator")
        grant_rights(self.server, name)
        for extension in self.extensions:
            self.server.psql(f"CREATE EXTENSION {extension}", name)
        self.server.psql(f"""
            CREATE TABLE t (id int PRIMARY KEY, customer int NOT NULL, n int NOT NULL, note text) WITH (fillfactor = 80);
            INSERT INTO t SELECT i, hashint4(i) % 100000, 0, 'note ' || md5(i::text) FROM generate_series(1, {self.rows}) AS i;
            CREATE INDEX t_customer ON t (customer);
            GRANT ALL ON t TO app;
            VACUUM (ANALYZE) t""", name, "migrator", 600)
        self.server.psql("CHECKPOINT")
        return name

def pgwraith(table, database, patience):
    """As the others: what it said when it did not come to its end, or None."""
    directory = table.scratch.path / database
    directory.mkdir()
    config = directory / "change.yaml"
    values = {"connection": table.server.uri(database, "migrator"), "table": "public.t", "sql": "", "verify": "off",
              "strategy": "shadow", "state_dir": str(directory / "state")}
    config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()))
    run = Run(str(PROGRAM), config, directory / "state", directory / "run.log")
    begin, status = time.monotonic(), {}
    try:
        while not run.exited():
            if time.monotonic() - begin > patience:
                return f"{status.get('pending_changes')} keys pending in {status.get('phase')}: {status.get('activity')}"
            status = run.status() or status
            time.sleep(0.5)  # each question costs both of us
        if run.process.returncode != 0:
            raise HarnessError(run.log()[-3000:])
        return None
    finally:
        run.kill()


def pg_repack(table, database, patience):
    server = table.server
    log = table.scratch.path / f"{database}.repack.log"
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen([*server.bin("pg_repack"), "-h", server.host, "-p", str(server.port), "-U", "postgres", "-d",
                                    database, "-t", "public.t", "-j", "2", "--no-order"], stdout=out, stderr=out)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait(60)
            return f"not within {patience} s"
    return None if process.returncode == 0 else last_line(log.read_text())


def in_sql(statement, user, table, database, patience):
    try:
        table.server.psql(f"SET statement_timeout = '{patience}s';\n{statement}", database, user, timeout=patience + 60)
    except HarnessError as error:
        return str(error).splitlines()[0]
    return None


def pg_squeeze(table, database, patience):
    failure = in_sql("SELECT squeeze.squeeze_table('public', 't')", "postgres", table, database, patience)
    # (Where the table is too busy it gives up by itself, with a row in its own log.)
    return failure or table.server.psql("SELECT to_jsonb(e) FROM squeeze.errors AS e", database) or None


def repack_concurrently(table, database, patience):
    return in_sql("REPACK (CONCURRENTLY) t", "migrator", table, database, patience)


def last_line(text):
    return (text.strip().splitlines() or ["no word"])[-1]


def tools_of(table):
    tools = {"pgwraith": pgwraith}
    tools.update((name, tool) for name, tool in (("pg_repack", pg_repack), ("pg_squeeze", pg_squeeze)) if name in table.extensions)
    if int(table.server.psql("SHOW server_version_num")) >= 190000:
        tools["REPACK (CONCURRENTLY)"] = repack_concurrently
    return tools


def clear(table, database):
    """Of a run that was ended: slots keep a database from being dropped."""
    slots = f"FROM pg_replication_slots WHERE database = '{database}'"
    for _ in range(100):
        table.server.psql(f"SELECT pg_terminate_backend(active_pid) {slots} AND active")
        try:
            table.server.psql(f"SELECT pg_drop_replication_slot(slot_name) {slots} AND NOT active")
        except HarnessError:
            pass  # it was dropped meanwhile, by who had made it
        if table.server.psql(f"SELECT count(*) {slots}") == "0":
            break
        time.sleep(0.1)
    table.server.psql(f"DROP DATABASE {database} WITH (FORCE)")


def attempt(table, tool, rate, patience):
    """Rows a second that were reached (as fast as the clients can without a rate), seconds or None, the longest block in ms,
    a word."""
    database = table.make()
    load = Workload(table.server, database, table.scratch.path, [table.script], CLIENTS, "prepared",
                    max(1, rate // table.rows_each) if rate else None, name=database)
    try:
        load.wait_progress(60)
        time.sleep(WARM_SECONDS)
        began = time.time()
        if tool is None:
            time.sleep(min(10, patience))
            word = None
        else:
            word = tool(table, database, patience)
        ended = time.time()
    finally:
        errors = load.stop()
        clear(table, database)
    seen = Latencies(table.scratch.path, database, began, ended)
    failed = f"{len(errors)} errors of the clients" if errors else ""
    reached = seen.per_second() * table.rows_each
    return reached, seen.seconds if word is None else None, seen.longest_gap_ms, (word or failed)[:120]


def rising(table, tools, first, patience):
    """One rate after the other, at each all tools that came to their end at the one before. A line for each attempt."""
    alone = attempt(table, None, None, patience)[0]
    print(f"{table.rows} rows; alone the clients reach {alone:,.0f} rows/s", flush=True)
    rates = [first]
    while rates[-1] * STEP < alone:
        rates.append(int(rates[-1] * STEP))
    lines = {name: [] for name in tools}
    for rate in [*rates, None]:
        for name, tool in list(tools.items()):
            reached, seconds, block, word = attempt(table, tool, rate, patience)
            lines[name].append([f"{table.rows:,}", name, f"{rate:,}" if rate else "all they can", f"{reached:,.0f}",
                                "no" if seconds is None else f"{seconds:.1f} s", f"{block:,.0f}", word])
            print(*lines[name][-1], sep=" | ", flush=True)
            if seconds is None:
                del tools[name]
    return alone, [line for of_tool in lines.values() for line in of_tool]


def main():
    version = sys.argv[1] if len(sys.argv) > 1 else HOST_VERSION
    sizes = [int(size) for size in (sys.argv[2] if len(sys.argv) > 2 else "20000,500000").split(",")]
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 5_000
    patience = int(sys.argv[4]) if len(sys.argv) > 4 else 60
    rows_each = int(sys.argv[5]) if len(sys.argv) > 5 else 100
    only = sys.argv[6].split(",") if len(sys.argv) > 6 else None
    with Scratch() as scratch:
        conf = {**CONF, "autovacuum": "on"}
        preload = [name for name in preloaded(scratch.files(version)) if name != "pg_rewrite"]
        if preload:
            conf["shared_preload_libraries"] = ", ".join(preload)
        server = scratch.server("bench", version, conf=conf)
        lines, alone = [], []
        for rows in sizes:
            table = Table(scratch, server, rows, rows_each)
            tools = {name: tool for name, tool in tools_of(table).items() if only is None or name in only}
            reached, found = rising(table, tools, first, patience)
            lines += found
            alone.append(f"{reached:,.0f} rows/s with {rows:,} rows")
        print(f"\nPostgreSQL {server.psql('SHOW server_version')}, random updates of {rows_each} rows in a transaction, "
              f"{CLIENTS} clients; alone they reach {', '.join(alone)}; {patience} s for each\n")
        print_table(["rows", "", "offered, rows/s", "reached, rows/s", "came to its end in", "longest block, ms", ""], lines)


main()
