import os
import shutil
import subprocess

from servers import HarnessError, as_server_user, free_port, server_user, wait_until

CHANGED = "SELECT string_agg(name || '=' || setting, ' ') FROM pg_settings WHERE source = 'session'"


def pooler(case, mode):
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        raise HarnessError("pgbouncer is not installed")
    port = free_port()
    path = case.scratch.new_dir(f"pgbouncer-{mode}")
    (path / "users").write_text('"migrator" ""\n')
    (path / "ini").write_text(
        f"[databases]\n* = host={case.server.host} port={case.server.port} pool_size=1\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
        f"auth_file = {path}/users\npool_mode = {mode}\nlogfile = {path}/log\n"
        "ignore_startup_parameters = extra_float_digits,options\n")
    if server_user():
        for name in ("users", "ini"):
            os.chown(path / name, server_user().pw_uid, server_user().pw_gid)
    process = subprocess.Popen(as_server_user([program, "-q", str(path / "ini")]), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.close = process.kill
    case.closing(process)
    return f"host=127.0.0.1 port={port} user=migrator dbname={case.database}"


def ask(conninfo, sql):
    done = subprocess.run(["psql", "-XqAt", "-d", conninfo, "-c", sql], capture_output=True, text=True, timeout=30)
    return done.stdout.strip() if done.returncode == 0 else None


def run(case):
    before = case.server.dump_schema(case.database)
    for mode in ("transaction", "session", "statement"):
        through = pooler(case, mode)
        wait_until("the pooler to answer", lambda: ask(through, "SELECT 1") == "1")
        changed = ask(through, CHANGED)
        config = case.write_config(connection=through)
        for command in ("plan", "run", "abort"):
            code, output = case.pgwraith(command, config=config)
            case.check(code == 3, f"{mode}: {command} exits 3, not {code}: {output}")
            case.says(output, "pooler", "name the server itself")
        case.check(ask(through, CHANGED) == changed, f"{mode}: nothing was set in the pooled session")
    case.check_nothing_happened(before)
    # A lock of ours on a pooled session would keep everybody else off.
    case.expect_exit(case.start(case.write_config()), 0)
