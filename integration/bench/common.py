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


# The server's own, where the tests' are others; only wal_level has to be logical.
DEFAULTS = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "max_worker_processes": "8",
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "max_prepared_transactions": "0",
    "max_slot_wal_keep_size": "-1",
}


def grant_rights(server, database):
    """What docs/rights.md has the superuser give from PostgreSQL 16 on. The other tools' sessions are a superuser's."""
    if int(server.version) < 16:
        return
    server.psql("""DO $$
        DECLARE origins text;
        BEGIN
          FOR origins IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN
            ('pg_replication_origin_create', 'pg_replication_origin_drop', 'pg_replication_origin_session_setup')
          LOOP EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO migrator', origins); END LOOP;
        END $$""", database)


def timed(work):
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def peak_memory_mib(pid):
    """Of a process that lives; None if there is none."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return None


def write_config(server, database, scratch, table, sql, **settings):
    """A configuration in a folder of its own, which has the state too."""
    directory = scratch.path / f"run-{time.monotonic_ns()}"
    directory.mkdir()
    config = directory / "change.yaml"
    values = {"connection": server.uri(database, "migrator"), "table": table, "sql": sql,
              "state_dir": str(directory / "state"), "strategy": "shadow", **settings}
    config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items()))
    return config


def migrate(server, database, scratch, table, sql, program=None, pause=0.02, look=None, **settings):
    """One run, looked at each `pause` seconds; `look` is called with what `status --json` says then.

    Returns seconds, the last status seen, the peak of resident memory in MiB, the log."""
    config = write_config(server, database, scratch, table, sql, **settings)
    directory = config.parent
    begin = time.monotonic()
    run = Run(str(program or PROGRAM), config, directory / "state", directory / "run.log")
    peak = 0
    try:
        while not run.exited():
            status = run.status()
            if look and status:
                look(status)
            peak = peak_memory_mib(run.process.pid) or peak
            time.sleep(pause)
        seconds = time.monotonic() - begin
    finally:
        run.kill()
    if run.process.returncode != 0:
        raise HarnessError(f"pgwraith: exit {run.process.returncode}\n{run.log()[-3000:]}")
    return seconds, run.seen[-1] if run.seen else {}, peak, run.log()


def print_table(head, rows):
    rows = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for number, row in enumerate(rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
