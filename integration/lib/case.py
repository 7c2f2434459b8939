"""One case: a folder of integration/cases, a database of its own, and the oracles that judge the run.

Files of a folder (all optional but schema.sql, or a test.py):
  case.json        settings of the case, see DEFAULTS
  superuser.sql    run by a superuser before anything else
  schema.sql       run by the table's owner: makes and fills the table
  change.sql       the user's SQL (`sql:` of the configuration)
  reference.sql    what gives the expected table in a copy of the database; default: change.sql
  workload*.sql    pgbench scripts, running from before the start until after the swap
  test.py          def run(case): instead of the default course of action
SQL files that a folder lacks come from the case that case.json names under "like", which may be like another one; the
workload comes whole or not.
"""

import difflib
import importlib.util
import json
import os
import re
import signal
import subprocess

import catalog_oracle
from program import Run
from proxy import Proxy
from servers import PATIENCE, HarnessError, wait_until
from sessions import Session
from workload import Workload

DEFAULTS = {
    "title": "",
    "like": None,             # the case whose SQL files stand in for those that this folder lacks
    "table": "public.t",
    "held_copy": None,        # so many chunks are copied, and no more until release_copy(): for what must happen then
    "direct": False,          # no shadow is needed: steps on the live table
    "slow_copy": False,       # SLOW_COPY is laid over SETTINGS: for what must happen while rows are being copied
    "settings": {},           # laid over both, part by part
    "values": None,
    "exit": 0,                # of the run
    "says": [],               # texts that the run's output must contain, whatever the case of letters
    "says_not": [],
    "plan_says": [],          # texts that `plan --json` must contain
    "clients": 4,             # of the workload
    "rate": 300,              # transactions/s offered by the workload; null: as fast as it goes
    "modes": ["simple"],      # pgbench protocols, one workload each
    "workload_after": True,   # transactions must have gone on after the swap
    "during": [],             # [{"phase": "copy", "sql": "…", "user": "app"}] once that phase is seen
    "role_settings": [],      # e.g. "ALTER ROLE migrator IN DATABASE CURRENT_DATABASE SET DateStyle = 'German'"
    "reference_settings": False,  # they hold for the plain ALTER too
    "twin": None,             # [query over the new table, query over the twin]; default when there is a twin
    "same_data": None,        # compare with the reference database; default: when no workload and no `during` writes
    "same_schema": True,      # pg_dump of the result must be that of the reference
    "checks": [],             # queries that must answer t
    "refused_plan": None,     # plan must refuse too (exit 3); default: when exit is 3
    "max_blocked_ms": 1000,
    "own_server": None,       # server settings: the case gets a server for itself
    "versions": None,         # e.g. ["15"]: only there
    "faults": False,          # it needs the fault points of a debug build: integration/chaos runs it
    "timeout": 60,
}

SETTINGS = {
    "strategy": "shadow",  # what most cases are about, however simple their change is
    "copy": {"workers": 2, "chunk_target": "100ms", "chunk_max_bytes": "64KiB"},
    "throttle": {"idle_ratio": 1.0},
}

# 20,000 narrow rows take more than a second then. What must not miss the copy needs held_copy as well.
SLOW_COPY = {
    "copy": {"workers": 1, "chunk_max_bytes": "8KiB"},
    "throttle": {"idle_ratio": 10.0},
}


def merged(base, over):
    result = dict(base)
    for key, value in over.items():
        result[key] = merged(result[key], value) if isinstance(value, dict) and isinstance(result.get(key), dict) else value
    return result


def plan_in(output):
    """What `plan --json` printed among its log; empty when there is no plan."""
    found = re.search(r"^\{$.*^\}$", output, re.MULTILINE | re.DOTALL)
    return json.loads(found.group()) if found else {}


def sources(folder):
    """The folder and those it is like, nearest first."""
    found = [folder]
    while True:
        path = found[-1] / "case.json"
        like = json.loads(path.read_text()).get("like") if path.exists() else None
        if not like:
            return found
        found.append(folder.parent / like)
        if not found[-1].is_dir() or found.index(found[-1]) < len(found) - 1:
            raise HarnessError(f"case.json: there is no case {like} to be like")


class Case:
    def __init__(self, folder, program, scratch, shared_server):
        self.folder, self.name, self.program, self.scratch = folder, folder.name, str(program), scratch
        config = json.loads((folder / "case.json").read_text()) if (folder / "case.json").exists() else {}
        unknown = set(config) - set(DEFAULTS)
        if unknown:
            raise HarnessError(f"case.json: unknown {', '.join(sorted(unknown))}")
        self.options = {**DEFAULTS, **config}
        self.sources = sources(folder)
        self._shared_server = shared_server
        self.server = None
        self.database = re.sub(r"\W", "_", self.name)
        self.dir = None
        self._proxy = None
        self.run_ = None
        self._closing = []
        self.notes = []
        self.expected = None  # name of the reference database
        self.environment = {"PGWRAITH_SHOW_LOCKS": "1"}
        self.planned_locks = None  # what `plan --json` says that the swap locks

    # -- set-up

    def begin(self):
        self.dir = self.scratch.path / "cases" / self.name
        self.dir.mkdir(parents=True)
        if self.options["own_server"] is not None:
            self.server = self.scratch.server(self.name, self._shared_server.version, self.options["own_server"])
        else:
            self.server = self._shared_server
        self.server.psql(f'CREATE DATABASE "{self.database}" OWNER migrator')
        if self.files("superuser.sql"):
            self.superuser(self.text("superuser.sql"))
        if self.files("schema.sql"):
            self.psql(self.text("schema.sql"))
            self.superuser("GRANT ALL ON ALL TABLES IN SCHEMA public TO app; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app")
        self.change_settings(self.database)
        if self.options["held_copy"] is not None:
            self.hold_copy(self.options["held_copy"])
        self.write_config()

    def write_config(self, name="change.yaml", **overrides):
        """The configuration file; values are written as JSON, which YAML contains."""
        base = merged(SETTINGS, SLOW_COPY if self.options["slow_copy"] else {})
        if self.options["direct"]:
            base["strategy"] = "direct"
        config = merged(merged(base, self.options["settings"]), overrides)
        way = self._proxy.conninfo(self.database) if self._proxy else self.server.uri(self.database, "migrator")
        config.setdefault("connection", way)
        config.setdefault("table", self.options["table"])
        config.setdefault("sql", self.text("change.sql"))
        config.setdefault("state_dir", str(self.state_dir))
        if self.options["values"] is not None:
            config.setdefault("values", self.options["values"])
        path = self.dir / name
        path.write_text("".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in config.items()))
        return path

    @property
    def config(self):
        return self.dir / "change.yaml"

    @property
    def state_dir(self):
        return self.dir / "state"

    def files(self, pattern):
        return next((found for folder in self.sources if (found := sorted(folder.glob(pattern)))), [])

    def text(self, name):
        return "".join(path.read_text() for path in self.files(name))

    # -- what a test.py uses

    def psql(self, sql, user="migrator", database=None, timeout=60):
        return self.server.psql(sql, database or self.database, user, timeout)

    def superuser(self, sql, timeout=60):
        return self.psql(sql, "postgres", timeout=timeout)

    def session(self, user="app", database=None):
        return self.closing(Session(self.server, database or self.database, user))

    def closing(self, thing):
        self._closing.append(thing)
        return thing

    def workload(self, scripts=None, clients=None, mode="simple", rate="default", user="app", name=None, defines=None):
        scripts = scripts or self.files("workload*.sql")
        name = name or f"{mode}{len(self._closing)}"
        rate = self.options["rate"] if rate == "default" else rate
        load = Workload(self.server, self.database, self.dir, scripts, clients or self.options["clients"], mode, rate,
                        user, defines, name)
        return self.closing(load)

    def start(self, config=None, state_dir=None, env=None, terminal=None, command="run"):
        """`pgwraith run` (or another command that takes its time), without waiting. `env`: variables beside the runner's own."""
        self.run_ = Run(self.program, config or self.config, state_dir or self.state_dir, self.dir / "run.log",
                        {**os.environ, **self.environment, **(env or {})}, terminal, command)
        return self.closing(self.run_)

    def hold_copy(self, chunks):
        """Copies stand still from now on after so many chunks, no transaction of theirs open. Before write_config()."""
        if not self._proxy:
            self._proxy = self.closing(Proxy(self.server))
        self._proxy.hold_copy(chunks)

    def wait_held(self, run):
        """Until the copy stands there: a part of the rows is copied, and it cannot end."""
        run.wait_phase("copy")
        run.wait_until("the copy to be held", self._proxy.holds)

    def release_copy(self):
        self._proxy.release_copy()

    def killed_run(self, phase):
        """A run that SIGKILL ended in that phase."""
        run = self.start()
        self._reach(run, phase)
        run.signal(signal.SIGKILL)
        run.wait()

    def pgwraith(self, *arguments, timeout=30, config=None, env=None, wait=False):
        """Another command to its end: exit status and everything that it printed. A cutover is only asked for, unless
        `wait` is set: then its outcome is waited for."""
        if arguments[0] == "cutover" and not wait:
            arguments = (*arguments, "--no-wait")
        return self.pgwraith_with(arguments[0], str(config or self.config), *arguments[1:], timeout=timeout, env=env)

    def succeeds(self, *arguments, **options):
        """The same, to exit status 0; what it printed."""
        code, output = self.pgwraith(*arguments, **options)
        self.check(code == 0, f"{' '.join(arguments)} exits 0, not {code}: {output}")
        return output

    def pgwraith_with(self, *arguments, timeout=30, env=None, text=""):
        """The program with these arguments and no others, to its end; `text` is its standard input."""
        try:
            done = subprocess.run([self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, input=text,
                                  text=True, timeout=timeout * PATIENCE, cwd=self.dir,
                                  env={**os.environ, **self.environment, **(env or {})})
        except subprocess.TimeoutExpired:
            raise HarnessError(f"pgwraith {' '.join(arguments)}: did not end within {timeout} s") from None
        with open(self.dir / "run.log", "a", encoding="utf-8") as log:
            log.write(f"--- pgwraith {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n")
        return done.returncode, done.stdout

    def expect_exit(self, run, code, timeout=None):
        got = run.wait(timeout or self.options["timeout"])
        if got != code:
            raise HarnessError(f"exit {got}, expected {code}\n{run.log()[-4000:]}")

    def check(self, truth, what):
        if not truth:
            raise HarnessError(f"not so: {what}")

    def says(self, output, *texts):
        for text in texts:
            if not re.search(text, output, re.IGNORECASE):
                raise HarnessError(f"the output does not say /{text}/:\n{output[-3000:]}")

    def stop_workload(self, load):
        errors = load.stop()
        if errors:
            raise HarnessError(f"workload {load.name}: clients saw errors:\n  " + "\n  ".join(errors[:10]))

    def later_hours(self):
        """A minute of the day, in a time zone that is not the server's, that is hours away: for windows and hours."""
        hour = self.superuser("SELECT to_char((now() AT TIME ZONE 'Asia/Tokyo') + interval '5 hours', 'HH24')")
        return f"{hour}:00-{hour}:01 Asia/Tokyo"

    def time_to_go_wrong(self):
        """Seconds (for wait_until) that a program which does not wait has to show it. A sound one waits all of it."""
        return 2 / PATIENCE

    # -- oracles

    def make_reference(self):
        """A copy of the database where the plain ALTER is run: what the result must look like."""
        self.copy_database()
        self.alter_reference()

    def copy_database(self):
        self.expected = self.database + "_expected"
        self.server.psql(f'CREATE DATABASE "{self.expected}" TEMPLATE "{self.database}" OWNER migrator')
        if self.options["reference_settings"]:
            self.change_settings(self.expected)

    def alter_reference(self):
        self.psql(self.text("reference.sql") or self.text("change.sql"), database=self.expected)

    def change_settings(self, database):
        for line in self.options["role_settings"]:
            self.psql(line.replace("CURRENT_DATABASE", f'"{database}"'), "postgres", database)

    def dump(self, database=None):
        return self.server.dump_schema(database or self.database, "--exclude-schema=pgwraith_*")

    def check_same_schema(self):
        expected, got = self.dump(self.expected), self.dump()
        # A dump names its database in ALTER DATABASE lines only, which both lack.
        if expected != got:
            lines = difflib.unified_diff(expected, got, "ALTER TABLE", "pgwraith", lineterm="", n=2)
            raise HarnessError("the table's definition is not what the plain ALTER makes:\n" + "\n".join(list(lines)[:60]))
        catalog_oracle.check(self.server, self.expected, self.database)

    def check_same_data(self):
        query = f"COPY (SELECT t::text FROM {self.options['table']} AS t ORDER BY 1) TO STDOUT"
        expected, got = self.psql(query, "postgres", self.expected), self.superuser(query)
        if expected != got:
            lines = difflib.unified_diff(expected.splitlines(), got.splitlines(), "ALTER TABLE", "pgwraith", lineterm="", n=0)
            raise HarnessError("the rows are not those that the plain ALTER makes:\n" + "\n".join(list(lines)[:20]))

    def check_twin(self, queries=None):
        queries = queries or self.options["twin"]
        if queries is None:
            if self.superuser("SELECT to_regclass('public.twin') IS NULL") == "t":
                return
            queries = [f"SELECT x::text FROM {self.options['table']} AS x", "SELECT x::text FROM twin AS x"]
        new, twin = queries
        for title, one, other in (("lost or old", twin, new), ("too many or wrong", new, twin)):
            difference = self.superuser(f"SELECT * FROM (({one}) EXCEPT ALL ({other})) AS d LIMIT 5")
            if difference:
                raise HarnessError(f"the table differs from its twin; {title}:\n{difference}")
        self.notes.append(self.superuser(f"SELECT count(*) FROM ({new}) AS n") + " rows = twin")

    def leftovers(self):
        """What of the program's own is in the database, the old table's schema apart."""
        return self.superuser(
            "SELECT 'slot ' || slot_name FROM pg_replication_slots WHERE slot_name LIKE 'pgwraith%' AND database = current_database()"
            " UNION ALL SELECT 'publication ' || pubname FROM pg_publication WHERE pubname LIKE 'pgwraith%'"
            " UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname LIKE 'pgwraith\\_new%'"
            " UNION ALL SELECT 'advisory lock of pid ' || l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            "   WHERE l.locktype = 'advisory' AND d.datname = current_database()"
            " UNION ALL SELECT 'replication origin ' || roname FROM pg_replication_origin o WHERE roname LIKE"
            "   '%pgwraith%' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '%'")

    def old_schemas(self):
        return self.superuser("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pgwraith\\_old%'").split()

    def check_clean(self):
        # The last session's end is asynchronous: its locks go a moment after the process.
        try:
            wait_until("clean", lambda: not self.leftovers(), 3)
        except HarnessError:
            raise HarnessError("left behind: " + self.leftovers().replace("\n", ", ")) from None

    def check_old_table(self):
        if self.options["direct"]:
            return self.check(not self.old_schemas(), "there is no old table")
        keep = self.options["settings"].get("old_table", "keep") == "keep"
        schemas = self.old_schemas()
        if keep and len(schemas) != 1:
            raise HarnessError(f"the old table should have been kept in a schema of its own; found {schemas}")
        if not keep and schemas:
            raise HarnessError(f"the old table should have been dropped; found {schemas}")

    def check_nothing_happened(self, before):
        after = self.server.dump_schema(self.database)
        if before != after:
            lines = difflib.unified_diff(before, after, "before", "after", lineterm="", n=1)
            raise HarnessError("the database was changed:\n" + "\n".join(list(lines)[:40]))
        self.check_clean()
        self.check(not self.old_schemas(), "no pgwraith_old schema")

    def check_queries(self):
        for query in self.options["checks"]:
            answer = self.superuser(query)
            if answer != "t":
                raise HarnessError(f"check answered {answer!r}, expected t: {query}")

    def blocked_ms(self, output):
        """From the summary; None when it is not there."""
        for pattern in (r"blocked[^\n\d]*([\d.,]+) ?ms", r"([\d.,]+) ?ms[^\n]*block"):
            found = re.findall(pattern, output, re.IGNORECASE)
            if found:
                return float(found[-1].replace(",", ""))
        return None

    def check_blocked(self, output):
        blocked = self.blocked_ms(output)
        if blocked is None:
            raise HarnessError(f"the summary does not tell how long others were blocked:\n{output[-1500:]}")
        self.notes.append(f"blocked {blocked:g} ms")
        # A machine that is busy gives the locks back a little later than the program wants it.
        limit = self.options["max_blocked_ms"] * (1 + 0.05 * PATIENCE)
        self.check(blocked <= limit, f"blocked {blocked} ms <= {limit:.0f}")

    def check_locks(self, output):
        """The swap has locked what its plan says: nothing else, and nothing in vain."""
        lines = re.findall(r"locks of the swap: (\{.*\})", output)
        if not lines:
            return
        line = json.loads(lines[-1])
        planned, held = set(line["planned"]), set(line["held"])
        self.check(held <= planned, f"what the swap locked is in its plan: {sorted(held - planned)} ({line})")
        self.check(planned <= held, f"what is in the plan was locked: {sorted(planned - held)} ({line})")
        if self.planned_locks is not None:
            said = {name.replace('"', "") for name in self.planned_locks}
            missing = {name.replace('"', "") for name in planned} ^ said
            self.check(not missing, f"`plan` says what the swap locks: {missing}")

    # -- the default course of action

    def execute(self):
        path = self.folder / "test.py"
        if path.exists():
            spec = importlib.util.spec_from_file_location("case_" + self.database, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            module.run(self)
        elif self.options["exit"] == 0:
            self.expect_success()
        else:
            self.expect_failure()

    def expect_success(self):
        options = self.options
        self.make_reference()
        if not options["direct"]:
            self.check_plan()
        loads = self._start_workloads()
        run = self.start()
        self.do_during(run)
        self.expect_exit(run, 0)
        self.finish_success(run, loads)

    def check_plan(self):
        """It lets through what `run` does, and says of each step what it locks."""
        got, output = self.pgwraith("plan", "--json")
        self.check(got == 0, f"plan exits 0, not {got}:\n{output[-3000:]}")
        for text in self.options["plan_says"]:
            self.check(text in output, f"plan does not say {text}:\n{output[-5000:]}")
        self.planned_locks = [lock["name"] for lock in plan_in(output)["locks"]]
        steps = plan_in(output).get("steps")
        self.check(steps and all(step["lock"] for step in steps), f"each step has its lock: {steps}")

    def finish_success(self, run, loads=(), same_data=None):
        """Everything that must hold after a migration that ended with 0."""
        if self.options["workload_after"]:
            for load in loads:
                load.wait_progress()
        for load in loads:
            self.stop_workload(load)
        output = run.log()
        self.says(output, *map(re.escape, self.options["says"]))
        for text in self.options["says_not"]:
            self.check(text.lower() not in output.lower(), f"the output should not say: {text}")
        self.check_blocked(output)
        self.check_locks(output)
        self.check_clean()
        self.check_old_table()
        self.check_twin()
        if self.expected:
            if self.options["same_schema"]:
                self.check_same_schema()
            wanted = same_data if same_data is not None else self.options["same_data"]
            if wanted if wanted is not None else not loads and not self.options["during"]:
                self.check_same_data()
        self.check_queries()

    def expect_failure(self):
        """A refusal (2, 3), or a stop before the swap (4) that an abort must be able to clean up."""
        before = self.server.dump_schema(self.database)
        code = self.options["exit"]
        if code == 3 and self.options["refused_plan"] is not False:
            got, output = self.pgwraith("plan")
            self.check(got == 3, f"plan exits 3, not {got}:\n{output[-3000:]}")
            self.says(output, *map(re.escape, self.options["says"]))
            got, output = self.pgwraith("plan", "--json")
            refusals = plan_in(output).get("refusals", [])
            self.check(got == 3 and all(refused["remedy"] for refused in refusals), f"each refusal says what to do: {refusals}")
            self.check_nothing_happened(before)
        loads = self._start_workloads()
        run = self.start()
        self.do_during(run)
        self.expect_exit(run, code)
        for load in loads:
            self.stop_workload(load)
        self.says(run.log(), *map(re.escape, self.options["says"]))
        for text in self.options["says_not"]:
            self.check(text.lower() not in run.log().lower(), f"the output should not say: {text}")
        if code == 4:
            got, output = self.pgwraith("abort")
            self.check(got == 0, f"abort exits 0, not {got}:\n{output[-3000:]}")
        self.check_twin()
        self.check_nothing_happened(before)
        self.check_queries()

    def _start_workloads(self):
        if not self.files("workload*.sql"):
            return []
        return [self.workload(mode=mode, defines={"stripe": number * self.options["clients"]})
                for number, mode in enumerate(self.options["modes"])]

    def _reach(self, run, phase):
        if phase == "copy" and self._proxy:
            self.wait_held(run)
        else:
            run.wait_phase(phase)

    def do_during(self, run):
        for step in self.options["during"]:
            self._reach(run, step["phase"])
            self.psql(step["sql"], step.get("user", "app"))
            if step["phase"] == "copy" and self._proxy:
                self.release_copy()

    def end(self):
        for thing in reversed(self._closing):
            try:
                thing.close()
            except (OSError, HarnessError, subprocess.SubprocessError):
                pass

    def kill_all(self):
        """For a case that takes too long: whatever it waits for ends."""
        self.end()

    def clean_up(self):
        """After the verdict: the next cases need the slots and the space."""
        if self.server is not self._shared_server:
            if self.server:
                self.scratch.remove_standbys(self.server)
                self.server.remove()
            return
        self.server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN "
                         f"('{self.database}', '{self.database}_expected')")
        prepared = f"SELECT quote_literal(gid) FROM pg_prepared_xacts WHERE database = '{self.database}'"
        for gid in self.server.psql(prepared).splitlines():  # it would keep every later slot waiting
            self.server.psql(f"ROLLBACK PREPARED {gid}", self.database)
        slots = f"FROM pg_replication_slots WHERE database = '{self.database}'"
        wait_until("slots to be free", lambda: self.server.psql(f"SELECT count(*) {slots} AND active") == "0")
        self.server.psql(f"SELECT pg_drop_replication_slot(slot_name) {slots}")
        for database in (self.database, self.database + "_expected"):
            self.server.psql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
