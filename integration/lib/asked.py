"""A command that waits for a running migration, beside the case."""

import signal
import subprocess

from servers import PATIENCE, HarnessError, wait_until


class Asked:
    """`pgwraith cutover` (or another command that waits). Thread contract: the case's own thread."""

    def __init__(self, case, *command, file=True, folder=None, env=None):
        self.path = case.dir / f"{command[0] if command else 'cutover'}.{len(case._closing)}.log"
        words = [case.program, *(command or ("cutover",)), *([str(case.config)] if file else [])]
        with open(self.path, "w", encoding="utf-8") as out:
            # A runner in the background of a shell has SIGINT ignored, and its children inherit that.
            self.process = subprocess.Popen(words, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                            cwd=folder or case.dir, env=env, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        case.closing(self)

    def close(self):
        self.process.kill()

    def text(self):
        return self.path.read_text()

    def says(self, what):
        wait_until(f"`{what}` in its output", lambda: what in self.text() or self.ended_early(what))

    def ended_early(self, what):
        if self.process.poll() is not None and what not in self.text():
            raise HarnessError(f"it ended before it said `{what}`: {self.text()}")

    def press_ctrl_c(self):
        self.process.send_signal(signal.SIGINT)

    def expect(self, code):
        try:
            got = self.process.wait(30 * PATIENCE)
        except subprocess.TimeoutExpired:
            raise HarnessError(f"it still waits: {self.text()}") from None
        if got != code:
            raise HarnessError(f"exit {got}, expected {code}: {self.text()}")
