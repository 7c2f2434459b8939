"""pgwraith beside the blocking ALTER TABLE, pg_repack, pg_squeeze, pg_rewrite and REPACK (CONCURRENTLY): the same table,
rebuilt as it is, while an application writes it. Every tool with its default settings, autovacuum on.

A latency counts from the moment for which the transaction was scheduled, so that waiting for those before it counts; the
saturated application (`max`) has no schedule. The longest block is the longest time in which no transaction ended.
"""

import argparse
import os
import pathlib
import platform
import statistics

from application import Latencies, SlotWatch
from common import CONF, DEFAULTS, HOST_VERSION, HarnessError, Scratch, grant_rights, print_table, sys, time
from contenders import extensions, found, preloaded
from processor import children_seconds, own_seconds, processor_seconds
from shapes import SHAPES
from workload import Workload

FILLED = "filled"
MIB = 1 << 20
CLIENTS = 8
QUIET_SECONDS = 5  # of the load alone, before each tool
LOADS = {"0": "idle server", "max": f"{CLIENTS} clients without a pause"}
SETTINGS = {"default": DEFAULTS, "fixed": {**CONF, "autovacuum": "on"}}


def fill(server, shape, rows):
    server.psql(f"CREATE DATABASE {FILLED} OWNER migrator")
    for extension in extensions(server):
        server.psql(f"CREATE EXTENSION {extension}", FILLED)
    grant_rights(server, FILLED)
    server.psql(shape.schema.format(rows=rows) + "; GRANT ALL ON t TO app; VACUUM (ANALYZE) t", FILLED, "migrator", 7200)


class Bench:
    def __init__(self, scratch, server, shape, rows):
        self.scratch, self.server, self.number = scratch, server, 0
        self.dir = scratch.new_dir("clients")  # of this shape alone: another shape's logs have the same names
        self.script = self.dir / "w.sql"
        self.script.write_text(f"\\set i random(1, {rows})\nUPDATE t SET n = n + 1 WHERE id = {shape.key};\n")

    def _load(self, database, rate, name):
        if rate == "0":
            return None, []
        load = Workload(self.server, database, self.dir, [self.script], CLIENTS, "prepared",
                        None if rate == "max" else int(rate), name=name)
        load.wait_progress(60)
        time.sleep(QUIET_SECONDS)
        return load, self.server.psql(f"SELECT pid FROM pg_stat_activity WHERE application_name = 'workload-{name}'").split()

    def _wal(self):
        return int(self.server.psql("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))

    def measure(self, tool, rate):
        """({figure: value} of the tool, of the load alone)"""
        self.number += 1
        database, name = f"run{self.number}", f"load{self.number}"
        # STRATEGY: otherwise the copy of the template goes through the WAL, which the slot then has to read.
        self.server.psql(f"CREATE DATABASE {database} OWNER migrator TEMPLATE {FILLED} STRATEGY FILE_COPY", timeout=600)
        self.server.psql("CHECKPOINT", timeout=600)
        load, figures = None, {}
        slots = SlotWatch(self.server, self.dir / f"{name}.slots")
        try:
            load, clients = self._load(database, rate, name)
            wal, used, own = self._wal(), self._used(clients), children_seconds()
            begin = time.time()
            figures["memory"], log = tool(self.server, database, self.scratch)
            end = time.time()
            figures.update(seconds=end - begin, program=children_seconds() - own, server=self._used(clients) - used,
                           wal=(self._wal() - wal) / MIB)
            size = "SELECT pg_total_relation_size('t')"
            figures["size"] = int(self.server.psql(size, database)) / MIB
            if load:
                load.wait_logged(300)
        finally:
            errors = load.stop() if load else []
            figures["retained"] = slots.stop() / MIB
        self._check_rebuilt(database, log)
        self.server.psql(f"DROP DATABASE {database} WITH (FORCE)", timeout=600)
        if not load:
            return figures, {}
        quiet = Latencies(self.dir, name, begin - QUIET_SECONDS, begin)
        figures.update(Latencies(self.dir, name, begin, end).figures(quiet))
        figures["errors"] = len(errors)
        for line in errors[:1]:
            print(f"clients saw {len(errors)} errors, the first: {line}", file=sys.stderr)
        return figures, quiet.figures()

    def _used(self, clients):
        """Processor time of the server without that of the application's sessions."""
        return processor_seconds(self.server.pid()) - own_seconds(clients)

    def _check_rebuilt(self, database, log):
        node = "SELECT pg_relation_filenode('t')"
        if self.server.psql(node, database) == self.server.psql(node, FILLED):
            raise HarnessError(f"nothing was rebuilt: {log}")


# (figure, its head, digits, how the rounds are put together)
APPLICATION = [("p50", "p50, ms", 1, statistics.median), ("p99", "p99, ms", 1, statistics.median),
               ("p99.9", "p99.9, ms", 0, statistics.median), ("worst", "worst, ms", 0, max),
               ("block", "longest block, ms", 0, max), ("lost", "throughput lost, %", 1, statistics.median),
               ("errors", "errors of clients", 0, sum)]
COST = [("server", "server's CPU, s", 1, statistics.median), ("program", "program's CPU, s", 1, statistics.median),
        ("memory", "program's memory, MiB", 0, max), ("wal", "WAL, MiB", 0, statistics.median),
        ("retained", "WAL kept by slots, MiB", 0, max), ("size", "size afterwards, MiB", 0, statistics.median)]
SECONDS = ("seconds", "seconds", 1, statistics.median)


def cell(rounds, column):
    figure, _, digits, together = column
    values = [each[figure] for each in rounds if each.get(figure) is not None]
    return f"{together(values):,.{digits}f}" if values else ""


def print_figures(columns, results):
    print_table(["", *(column[1] for column in columns)],
                [[name, *(cell(rounds, column) for column in columns)] for name, rounds in results.items()])
    print()


def compare(bench, tools, rate, rounds):
    results, alone = {name: [] for name in tools}, []
    for number in range(rounds):
        # Everyone comes first and last now and then: the machine's noise is not the same all the time.
        for name in list(tools) if number % 2 == 0 else list(tools)[::-1]:
            figures, quiet = bench.measure(tools[name], rate)
            results[name].append(figures)
            alone.append(quiet)
            print(f"round {number + 1}, {rate}/s, {name}: {figures['seconds']:.1f} s", file=sys.stderr)
    return results, alone


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", default=HOST_VERSION, help="major version of the server")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loads", default="0,1000", help="transactions/s, 0 for none, max for as many as go; default 0,1000")
    parser.add_argument("--shapes", default="narrow", help=f"of {', '.join(SHAPES)}; default narrow")
    parser.add_argument("--settings", choices=SETTINGS, default="default", help="of the server")
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="tools with WORD in their name")
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE", help="write an SVG there")
    return parser.parse_args()


def heading(server, options, shape):
    size = int(server.psql("SELECT pg_total_relation_size('t')", FILLED)) / MIB
    print(f"\nPostgreSQL {server.psql('SHOW server_version')} with its {options.settings} settings, autovacuum on; {os.cpu_count()} cores, "
          f"{platform.machine()}, {time.strftime('%Y-%m-%d')}; {options.rows:,} rows, {shape.words}, {size:,.0f} MiB; "
          f"medians of {options.rounds} (of worst, longest block, memory and WAL kept: the most).\n"
          "Of the tools only pgwraith without `verify: off` compares the rows.\n")


def compare_on(scratch, options, name):
    """{(shape, load): {tool: rounds}}"""
    shape, measured = SHAPES[name], {}
    libraries = ", ".join(preloaded(scratch.files(options.version)))
    server = scratch.server(f"bench-{name}", options.version,
                            conf={**SETTINGS[options.settings], "shared_preload_libraries": libraries})
    fill(server, shape, options.rows)
    tools = {tool: work for tool, work in found(server).items() if not options.only or any(word in tool for word in options.only)}
    bench = Bench(scratch, server, shape, options.rows)
    heading(server, options, shape)
    for load in options.loads.split(","):
        results, alone = compare(bench, tools, load, options.rounds)
        words = LOADS.get(load, f"{load} transactions/s offered")
        print(f"{words.capitalize()}:\n")
        if load != "0":
            print_figures([SECONDS, *APPLICATION], {"(the application alone)": alone, **results})
        print_figures([*([SECONDS] if load == "0" else []), *COST], results)
        sys.stdout.flush()
        measured[f"{name}, {words}"] = {
            tool: {figure: statistics.median(each[figure] for each in rounds) for figure in ("seconds", "p99") if figure in rounds[0]}
            for tool, rounds in results.items()}
    server.stop()
    return measured


def main():
    options = arguments()
    measured = {}
    with Scratch() as scratch:
        for name in options.shapes.split(","):
            measured.update(compare_on(scratch, options, name))
    if options.plot:
        from plot import plot  # needs a library that the rest can do without
        plot(measured, options.plot)


if __name__ == "__main__":
    main()
