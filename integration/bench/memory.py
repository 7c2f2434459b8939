"""The process's memory while millions of keys are pending: the copy is paused, so nothing is applied; then the rest."""

import json
import pathlib

from common import CONF, PROGRAM, HarnessError, Scratch, print_table, sys, time
from program import Run

KEYS = {"int": ("int", "i"), "uuid": ("uuid", "md5(i::text)::uuid")}
AT_FIRST = 100_000  # rows, so that there is a copy to pause
PER_TRANSACTION = 500_000


def memory_mib(pid):
    """(peak, anonymous, file-backed), now."""
    fields = {}
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("VmHWM", "RssAnon", "RssFile"):
            fields[name] = int(value.split()[0]) / 1024
    return fields["VmHWM"], fields["RssAnon"], fields["RssFile"]


def main():
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    key = sys.argv[2] if len(sys.argv) > 2 else "int"
    to_the_end = len(sys.argv) > 3 and sys.argv[3] == "to-the-end"
    sql_type, expression = KEYS[key]
    lines = []

    def note(what):
        status, memory = run.status(), memory_mib(run.process.pid)
        lines.append([what, *(f"{value:.0f}" for value in memory), status["pending_changes"],
                      f"{time.monotonic() - begin:.0f}"])

    with Scratch() as scratch:
        server = scratch.server("bench", conf=CONF)
        server.psql("CREATE DATABASE bench OWNER migrator")
        insert = f"INSERT INTO t SELECT {expression}, i FROM generate_series(%d, %d) AS i"
        server.psql(f"CREATE TABLE t (id {sql_type} PRIMARY KEY, n int); {insert % (1, AT_FIRST)}; VACUUM (ANALYZE) t",
                    "bench", "migrator")
        directory = scratch.path / "run"
        directory.mkdir()
        config, state = directory / "change.yaml", directory / "state"
        values = {"connection": server.uri("bench", "migrator"), "table": "public.t", "sql": "", "verify": "full",
                  "state_dir": str(state), "throttle": {"idle_ratio": 10},
                  "copy": {"workers": 1, "chunk_target": "10ms", "chunk_max_bytes": "8KiB"}}
        config.write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in values.items()))
        begin = time.monotonic()
        run = Run(PROGRAM, config, state, directory / "run.log")
        try:
            run.wait_phase("copy")
            run.post("/pause")
            run.wait_status("the pause", lambda status: status["throttled"])
            note("paused")
            for first in range(AT_FIRST + 1, AT_FIRST + keys + 1, PER_TRANSACTION):
                server.psql(insert % (first, min(first + PER_TRANSACTION - 1, AT_FIRST + keys)), "bench", "migrator", 600)
            run.wait_status("all changes", lambda status: status["changes_received"] >= keys, 900)
            note("all received")
            if run.status()["phase"] != "copy":
                raise HarnessError("the copy was not held")
            store = sum(file.stat().st_size for file in state.rglob("*") if file.is_file()) / 2**20
            for setting, value in (("throttle.idle_ratio", "0"), ("copy.chunk_target", "500ms"),
                                   ("copy.chunk_max_bytes", "32MiB")):
                run.post("/set", {"key": setting, "value": value})
            run.post("/resume")
            for phase in ("catch_up", "verify") if to_the_end else ("build",):
                run.wait_status(phase, lambda status, phase=phase: status["phase"] == phase, 1800)
                note(phase)
            if to_the_end and run.wait(600) != 0:
                raise HarnessError(run.log()[-3000:])
        finally:
            run.kill()
    print(f"\n{keys} changed keys ({key}) pending at once; {store:.0f} MiB on disk; memory of the process in MiB\n")
    print_table(["at", "peak until then", "anonymous", "file-backed", "pending", "second"], lines)


main()
