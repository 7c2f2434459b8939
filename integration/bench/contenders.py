"""The tools that rebuild a table while it is in use. Each is run as its manual says, and returns the peak of its own
memory in MiB (None: the server does the work) and what it logged.
"""

import subprocess

from common import HarnessError, PROGRAM, peak_memory_mib, time, write_config

PRELOADED = ("pg_squeeze", "pg_rewrite")


def run_to_its_end(argv, log_path):
    """The peak of its memory in MiB, and what it said."""
    memory = 0
    with open(log_path, "w", encoding="utf-8") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=out)
        while process.poll() is None:
            memory = peak_memory_mib(process.pid) or memory
            time.sleep(0.02)
    if process.returncode != 0:
        raise HarnessError(f"{argv[0]}: exit {process.returncode}\n{log_path.read_text()[-3000:]}")
    return memory, log_path.read_text()


def pgwraith(**settings):
    def run(server, database, scratch):
        # The others leave no old table behind either. Nobody asks for its status: it would stay for those who do.
        config = write_config(server, database, scratch, "public.t", "", old_table="drop", **settings)
        return run_to_its_end([PROGRAM, "run", str(config)], config.parent / "run.log")
    return run


def blocking_alter(server, database, _):
    # What the server cannot know to leave each value as it is.
    server.psql("ALTER TABLE t ALTER n TYPE int USING n + 0", database, "migrator", timeout=3600)
    return None, ""


def pg_repack(server, database, scratch):
    argv = [*server.bin("pg_repack"), "-h", server.host, "-p", str(server.port), "-U", "postgres", "-d", database,
            "-t", "public.t", "-j", "2", "--no-order"]
    return run_to_its_end(argv, scratch.path / "repack.log")


def pg_squeeze(server, database, _):
    server.psql("SELECT squeeze.squeeze_table('public', 't')", database, timeout=3600)
    # (The column of the code has another name in each version.)
    return None, server.psql("SELECT to_jsonb(e) FROM squeeze.errors AS e", database)


def pg_rewrite(server, database, _):
    server.psql("CREATE TABLE t_new (LIKE t INCLUDING ALL); GRANT ALL ON t_new TO app", database, "migrator")
    if int(server.psql("SHOW server_version_num")) >= 180000:  # there it adds NOT NULL itself, and fails if it is there
        server.psql("ALTER TABLE t_new ALTER customer DROP NOT NULL, ALTER created DROP NOT NULL, ALTER n DROP NOT NULL",
                    database, "migrator")
    server.psql("SELECT rewrite_table('t', 't_new', 't_old')", database, timeout=3600)
    for column in server.psql("SELECT conname FROM pg_constraint WHERE conrelid = 't'::regclass AND NOT convalidated",
                              database).split():
        server.psql(f"ALTER TABLE t VALIDATE CONSTRAINT {column}", database, timeout=3600)
    server.psql("DROP TABLE t_old", database)
    return None, ""


def repack_concurrently(server, database, _):
    server.psql("REPACK (CONCURRENTLY) t", database, "migrator", timeout=3600)
    return None, ""


def has(server, extension):
    return server.psql(f"SELECT count(*) FROM pg_available_extensions WHERE name = '{extension}'") == "1"


def preloaded(files):
    """Which of the tools the server has to load when it starts."""
    return [name for name in PRELOADED if (files / "lib" / f"{name}.so").exists()]


def extensions(server):
    """Of the tools that this server can run."""
    loaded = server.psql("SHOW shared_preload_libraries")
    return [name for name in ("pg_repack", *PRELOADED) if has(server, name) and (name not in PRELOADED or name in loaded)]


def found(server):
    """{name: tool} of those that this server can run."""
    rivals = {"pg_repack": ("pg_repack -j2", pg_repack), "pg_squeeze": ("pg_squeeze", pg_squeeze),
              "pg_rewrite": ("pg_rewrite", pg_rewrite)}
    tools = {"pgwraith": pgwraith(), "pgwraith, verify: off": pgwraith(verify="off"), "blocking ALTER TABLE": blocking_alter}
    tools.update(rivals[extension] for extension in extensions(server))
    if int(server.psql("SHOW server_version_num")) >= 190000:
        tools["REPACK (CONCURRENTLY)"] = repack_concurrently
    return tools
