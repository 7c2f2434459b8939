import os
import signal
import socket
import subprocess

from servers import free_port, wait_until


def command(case, *words):
    done = subprocess.run([case.program, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          cwd=case.dir)
    return done.returncode, done.stdout, done.stderr


def expect(case, words, code, *texts):
    got, output, errors = command(case, *words)
    case.check(got == code, f"pgwraith {' '.join(words)}: exits {code}, not {got}\n{output}{errors}")
    case.says(errors if code else output, *texts)


def interrupt_as_pid_1(case):
    namespace = ["unshare", "--pid", "--fork", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    if subprocess.run([*namespace, "true"], capture_output=True).returncode != 0:
        case.notes.append("no PID namespaces here: not tried as the first process")
        return
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(60)
        config = case.write_config("silent.yaml", connection=f"host=127.0.0.1 port={silent.getsockname()[1]} dbname=x user=x")
        plan = subprocess.Popen([*namespace, case.program, "plan", str(config)], stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        connection, _ = silent.accept()
        with connection:
            with open(f"/proc/{plan.pid}/task/{plan.pid}/children", encoding="ascii") as children:
                os.kill(int(children.read()), signal.SIGINT)
            wait_until("the command to end", lambda: plan.poll() is not None, 5)
    case.check(plan.returncode == 128 + signal.SIGINT, f"exit {plan.returncode} after SIGINT")


def run(case):
    expect(case, [], 2, "plan .*\n.*run ", "exit status")
    expect(case, ["help"], 0, "plan .*\n.*run ")
    expect(case, ["--version"], 0, r"pgwraith \d+\.\d+")
    expect(case, ["migrate"], 2, "'migrate' is no command", "--help")
    expect(case, ["plan"], 2, "pgwraith plan: FILE", "plan --help")
    expect(case, ["run", "a", "b"], 2, "b", "run --help")
    expect(case, ["run", "change.yaml", "--log-level", "loud"], 2, "loud", "debug")
    expect(case, ["plan", "missing.yaml"], 2, "cannot read missing.yaml: No such file", "path")
    expect(case, ["plan", "."], 2, r"cannot read \.: it is a directory")
    (case.dir / "wrong.yaml").write_text("table: [public.t\n")
    expect(case, ["run", "wrong.yaml"], 2, "wrong.yaml:2")
    (case.dir / "empty.yaml").touch()
    expect(case, ["plan", "empty.yaml"], 2, "empty.yaml", "table: is missing")
    nowhere = case.write_config("nowhere.yaml", connection=f"host=127.0.0.1 port={free_port()} dbname=x user=x")
    for name in ("plan", "run"):
        expect(case, [name, str(nowhere)], 3, "could not connect", "`connection`")
    interrupt_as_pid_1(case)
