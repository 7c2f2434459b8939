"""A running pgwraith, watched through its control socket."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time

from servers import PATIENCE, HarnessError, wait_until

PHASES = ["prepare", "steps", "compare", "expanded", "contract", "copy", "build", "catch_up", "verify", "ready", "cutover", "going_back",
          "done"]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        # A socket's address holds 107 bytes; a directory handle makes any path short.
        directory = os.open(os.path.dirname(self._path), os.O_PATH)
        try:
            self.sock.connect(f"/proc/self/fd/{directory}/{os.path.basename(self._path)}")
        finally:
            os.close(directory)


class Run:
    """One `pgwraith run`. Thread contract: the case's own thread."""

    def __init__(self, program, config, state_dir, log_path, env=None, terminal=None, command="run"):
        self.state_dir = str(state_dir)
        self.log_path = log_path
        self._log = open(log_path, "a", encoding="utf-8")
        self._begin = self._log.tell()
        stdin, output, attach = subprocess.DEVNULL, self._log, None
        if terminal:  # instead of the log
            stdin, output, attach = terminal.theirs, terminal.theirs, terminal.attach
        self.process = subprocess.Popen([program, *command.split(), str(config)], stdout=output, stderr=output, stdin=stdin,
                                        preexec_fn=attach, env=env, cwd=os.path.dirname(config))
        self.seen = []  # statuses that differ in phase, in the order in which they were seen

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            text.seek(self._begin)
            return text.read()

    def exited(self):
        return self.process.poll() is not None

    def status(self):
        """The parsed status; None while nobody answers on the socket."""
        try:
            status = json.loads(self._ask("GET", "/status")[1])
        except (OSError, http.client.HTTPException, ValueError):
            return None
        if not self.seen or self.seen[-1]["phase"] != status["phase"]:
            self.seen.append(status)
        return status

    def get(self, path):
        """Status and text of the answer; (0, "") while nobody answers."""
        try:
            return self._ask("GET", path)
        except (OSError, http.client.HTTPException):
            return 0, ""

    def post(self, path, body=None):
        return self._ask("POST", path, body)

    def _ask(self, method, path, body=None):
        connection = _UnixConnection(os.path.join(self.state_dir, "control.sock"))
        try:
            connection.request(method, path, body=json.dumps(body) if body is not None else None)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def wait_status(self, what, condition, timeout=30):
        """Until condition(status) holds; fails when the process ends first."""
        def holds():
            status = self.status()
            return status if status is not None and condition(status) else None
        return self.wait_until(what, holds, timeout)

    def wait_until(self, what, condition, timeout=30):
        """Until condition() holds, and its answer; fails when the process ends first."""
        def look():
            answer = condition()
            if answer:
                return answer
            if self.exited():
                raise HarnessError(f"the run ended (exit {self.process.returncode}) before: {what}\n{self.log()[-3000:]}")
            return None
        return wait_until(what, look, timeout, 0.008, 0.025)  # short phases must be seen

    def wait_phase(self, phase, timeout=30):
        """Until the run is in `phase`; fails when it is seen beyond it."""
        def look(status):
            # Where an earlier process was is not yet what this one does.
            if status["waits"] == "server":
                return False
            if PHASES.index(status["phase"]) > PHASES.index(phase):
                raise HarnessError(f"waited for phase {phase}, but it is in {status['phase']} already")
            return status["phase"] == phase
        return self.wait_status(f"phase {phase}", look, timeout)

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def stop(self, within=5.0):
        """SIGTERM; must exit 4 in time. Returns the seconds that it took."""
        begin = time.monotonic()
        self.signal()
        code = self.wait(within + 10)
        took = time.monotonic() - begin
        if code != 4:
            raise HarnessError(f"SIGTERM: exit {code}, expected 4\n{self.log()[-3000:]}")
        if took > within:
            raise HarnessError(f"SIGTERM: took {took:.1f} s, expected at most {within:.0f} s")
        return took

    def wait(self, timeout=60):
        """The exit status."""
        timeout *= PATIENCE
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise HarnessError(f"the run did not end within {timeout:.0f} s\n{self.log()[-3000:]}")
            time.sleep(0.01)
        self._log.flush()
        return self.process.returncode

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    close = kill
