import subprocess

from program import Run
from servers import PATIENCE, server_user
from terminal import Terminal

COLOUR = "\x1b[1;"  # of the first line
OTHER_SCREEN, FIRST_SCREEN, HOME = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l", "\x1b[H"


def on_terminal(case, *words, **variables):
    """The command with a terminal of 24 rows, and that."""
    terminal = case.closing(Terminal(100))
    env = {**case.environment, "TERM": "xterm", "PATH": "/usr/bin:/bin", **variables}
    shown = Run(case.program, case.config, case.state_dir, case.dir / "shown.log", env, terminal, " ".join(words))
    return case.closing(shown), terminal


def once(case, **variables):
    shown, terminal = on_terminal(case, "status", **variables)
    case.check(shown.wait(30) == 0, "status exits 0")
    terminal.close()
    return terminal.text()


def coloured(case):
    output = case.succeeds("status")
    case.check("\x1b" not in output, f"none in a pipe: {output!r}")
    case.says(output, "^well: copying")
    shown = once(case)
    case.check(shown.startswith(COLOUR) and "copying" in shown, f"on a terminal: {shown!r}")
    for unwanted in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        shown = once(case, **unwanted)
        case.check("\x1b" not in shown and "copying" in shown, f"with {unwanted}: {shown!r}")
    case.check(COLOUR in once(case, NO_COLOR=""), "an empty NO_COLOR says nothing")


def watched(case, run):
    """Until Ctrl-C; the next until the process ends."""
    shown, terminal = on_terminal(case, "status", "--watch", "--interval", "100ms")
    shown.wait_until("some pictures", lambda: terminal.text().count(HOME) > 3)
    case.pgwraith("pause")
    shown.wait_until("the pause", lambda: "paused by the operator" in terminal.text())
    terminal.press(b"\x03")
    case.check(shown.wait(30) == 130, "Ctrl-C ends it with 130")
    case.check(not run.exited(), "and nothing else")
    terminal.close()
    text = terminal.text()
    case.check(text.startswith(OTHER_SCREEN) and text.count(OTHER_SCREEN) == 1, f"a screen of its own: {text[:200]!r}")
    pictures, last = text.split(FIRST_SCREEN)
    case.check("paused by the operator" in last and "phase" in last, f"the last picture stays: {last!r}")
    for picture in pictures.split(HOME)[1:]:
        case.check(picture.count("\n") < 24, f"it fits the terminal: {picture!r}")

    shown, terminal = on_terminal(case, "status", "--watch", "--interval", "100ms")
    shown.wait_until("a picture", lambda: HOME in terminal.text())
    run.stop()
    case.check(shown.wait(30) == 4, "it ends with the process")
    terminal.close()
    case.says(terminal.text().split(FIRST_SCREEN)[1], "stopped.*: no process is running for this migration: it stopped in phase copy")


def of_another_user(case):
    user = server_user()
    if user is None:
        return  # this is not root, and can be nobody else
    case.config.chmod(0o644)
    argv = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", case.program]
    for command in ("status", "pause"):
        done = subprocess.run([*argv, command, str(case.config)], capture_output=True, text=True, cwd="/", timeout=30 * PATIENCE)
        case.check(done.returncode == 4, f"{command}: {done}")
        case.says(done.stderr, rf"may not be opened by this user .uid {user.pw_uid}", r"hint: Ask as the user that the migration runs as .uid 0.")


def run(case):
    run = case.start()
    case.wait_held(run)
    coloured(case)
    of_another_user(case)
    watched(case, run)
    case.succeeds("abort")
    case.check_clean()
