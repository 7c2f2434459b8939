"""An interactive session of the application: a transaction that stays open as long as a case wants it."""

import subprocess
import threading

from servers import PATIENCE, HarnessError


class Session:
    _END = "--end-of-answer--"

    def __init__(self, server, database, user="app"):
        self._process = subprocess.Popen(["psql", "-XqAt", "-v", "ON_ERROR_STOP=0", "-d", server.conninfo(database, user)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         text=True, bufsize=1)

    def send(self, sql):
        """Starts a statement and does not wait; `answer` collects it."""
        self._process.stdin.write(f"{sql.rstrip().rstrip(';')};\n\\echo {self._END}\n")
        self._process.stdin.flush()

    def answer(self, timeout=30):
        lines = []
        # A reader that hangs must not hang the whole run: the session is killed, readline returns then.
        timer = threading.Timer(timeout * PATIENCE, self._process.kill)
        timer.start()
        try:
            for line in self._process.stdout:
                if line.rstrip("\n") == self._END:
                    return "\n".join(lines)
                lines.append(line.rstrip("\n"))
        finally:
            timer.cancel()
        raise HarnessError("a session ended or did not answer in time: " + "\n".join(lines))

    def run(self, sql, timeout=30):
        """Runs one statement to its end; an error of it is an error here."""
        self.send(sql)
        text = self.answer(timeout)
        if "ERROR:" in text or "FATAL:" in text:
            raise HarnessError(f"{sql}: {text}")
        return text

    def expect_ended(self):
        """The server has ended this session."""
        try:
            self.run("SELECT 1", timeout=5)
        except (HarnessError, BrokenPipeError):
            return
        raise HarnessError("a session lives that was to be ended")

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
