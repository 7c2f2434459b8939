import json
import os
import stat
import subprocess


def run(case):
    state_dir = case.dir / ("a" * 100) / ("b" * 100)
    # `connection` left out altogether: libpq's own variables apply.
    config = case.write_config(table="public.${TABLE_NAME:-t}", state_dir="${STATE}", cutover={"mode": "${MODE}"})
    config.write_text("".join(line for line in config.read_text().splitlines(True) if not line.startswith("connection")))
    env = {"STATE": str(state_dir), "MODE": "manual", "PGHOST": case.server.host, "PGPORT": str(case.server.port),
           "PGUSER": "migrator", "PGDATABASE": case.database}
    run = case.start(config, state_dir, env)
    run.wait_phase("ready")
    path = state_dir / "control.sock"
    case.check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "the socket is its owner's only")
    directory = os.open(state_dir, os.O_PATH)
    answer = subprocess.run(["curl", "-sS", "--unix-socket", f"/proc/self/fd/{directory}/control.sock",
                             "http://localhost/status"], capture_output=True, text=True, pass_fds=[directory])
    os.close(directory)
    case.check(answer.returncode == 0 and json.loads(answer.stdout)["phase"] == "ready", f"curl: {answer}")
    case.succeeds("cutover", config=config, env=env)
    case.expect_exit(run, 0)
    case.finish_success(run)
