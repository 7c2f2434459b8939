"""What the measurements share: a server set up alike for all that is compared, a timer, a table printer."""

import json
import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from program import Run  # noqa: E402
from servers import HOST_VERSION, HarnessError, REPO, Scratch  # noqa: E402,F401

PROGRAM = os.environ.get("PGWRAITH_PROGRAM", str(REPO / "build/release/pgwraith"))  # another build, to compare the two
CONF = {
    "shared_buffers": "1GB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "256MB",
    "max_parallel_maintenance_workers": "2",
    "autovacuum": "off",  # it would help one and hinder another by chance
}


def timed(work):
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def migrate(server, database, scratch, table, sql, program=None, **settings):
    """One run. Returns seconds, the last status seen, the peak of resident memory in MiB, the log."""
    directory = scratch.path / f"run-{time.monotonic_ns()}"
    directory.mkdir()
    config = directory / "change.yaml"
    values = {"connection": server.uri(database, "migrator"), "table": table, "sql": sql,
              "state_dir": str(directory / "state"), "strategy": "shadow", **settings}
    config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()))
    begin = time.monotonic()
    run = Run(str(program or PROGRAM), config, directory / "state", directory / "run.log")
    peak_kib = 0
    try:
        while not run.exited():
            run.status()
            try:
                for line in pathlib.Path(f"/proc/{run.process.pid}/status").read_text().splitlines():
                    if line.startswith("VmHWM"):
                        peak_kib = int(line.split()[1])
            except (OSError, ValueError):
                pass
            time.sleep(0.02)
        seconds = time.monotonic() - begin
    finally:
        run.kill()
    if run.process.returncode != 0:
        raise HarnessError(f"pgwraith: exit {run.process.returncode}\n{run.log()[-3000:]}")
    return seconds, run.seen[-1] if run.seen else {}, peak_kib / 1024, run.log()


def print_table(head, rows):
    rows = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for number, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
