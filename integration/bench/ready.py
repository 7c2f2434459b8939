"""What a migration costs that waits, caught up, for its swap: shares of a processor while the table is written."""

import pathlib
import re
import statistics

from common import PROGRAM, Scratch, grant_rights, print_table, sys, time, write_config
from processor import own_seconds
from program import Run
from shapes import SHAPES
from workload import Workload

ROWS = 300_000
CLIENTS = 8
SECONDS = 10


def shares(server, run):
    """{process: share of a processor in %} of the program and its sessions."""
    found = server.psql("SELECT pid, application_name FROM pg_stat_activity WHERE application_name LIKE 'pgwraith%'")
    pids = {"program": run.process.pid}
    for line in found.splitlines():
        pid, _, name = line.partition("|")
        pids[re.sub(r"pgwraith | \(pid.*", "", name)] = int(pid)
    before, begin = {name: own_seconds([pid]) for name, pid in pids.items()}, time.monotonic()
    time.sleep(SECONDS)
    passed = time.monotonic() - begin
    return {name: 100 * (own_seconds([pid]) - before[name]) / passed for name, pid in pids.items()}


def main():
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    programs = [str(pathlib.Path(program).resolve()) for program in sys.argv[3:]] or [str(PROGRAM)]
    measured = {program: [] for program in programs}
    with Scratch() as scratch:
        server = scratch.server("bench")
        server.psql("CREATE DATABASE bench OWNER migrator")
        grant_rights(server, "bench")
        server.psql(SHAPES["narrow"].schema.format(rows=ROWS) + "; GRANT ALL ON t TO app", "bench", "migrator", 600)
        script = scratch.path / "update.sql"
        script.write_text(f"\\set i random(1, {ROWS})\nUPDATE t SET n = n + 1 WHERE id = :i;\n")
        load = Workload(server, "bench", scratch.path, [script], CLIENTS, "prepared", rate)
        try:
            for _ in range(rounds):
                for program in programs:
                    config = write_config(server, "bench", scratch, "public.t", "", cutover={"mode": "manual"},
                                          old_table="drop")
                    run = Run(program, config, config.parent / "state", config.parent / "run.log")
                    run.wait_phase("ready")
                    measured[program].append(shares(server, run))
                    run.post("/cutover")
                    run.wait(60)
        finally:
            errors = load.stop()
    names = sorted({name for found in measured.values() for one in found for name in one})
    print(f"in the phase ready, {rate} transactions/s of {CLIENTS} clients, % of a processor, medians of {rounds}\n")
    print_table(["", *programs],
                [[name, *(f"{statistics.median(one.get(name, 0) for one in measured[program]):.1f}" for program in programs)]
                 for name in names] +
                [["in all", *(f"{statistics.median(sum(one.values()) for one in measured[program]):.1f}" for program in programs)]])
    return 1 if errors else 0


sys.exit(main())
