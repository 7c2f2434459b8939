"""A terminal that remembers what was written to it."""

import fcntl
import os
import pty
import re
import struct
import termios
import threading

ERASE = "\r\x1b[K"


class Terminal:
    """Thread contract: one thread, beside the reader of its own."""

    def __init__(self, width):
        self._ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        self._bytes = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while True:
            try:
                self._bytes += os.read(self._ours, 1 << 16)
            except OSError:  # all who could write are gone
                return

    def attach(self):
        """In the new process: it leads a session whose terminal this is."""
        os.setsid()
        fcntl.ioctl(self.theirs, termios.TIOCSCTTY, 0)

    def press(self, key):
        os.write(self._ours, key)

    def close(self):
        """After the process has ended: everything that it wrote has been read then."""
        if self.theirs is not None:
            os.close(self.theirs)
            self.theirs = None
            self._reader.join(10)
            os.close(self._ours)

    # -- what was written so far; all of it after close()

    def text(self):
        return self._text()

    def _text(self):
        return self._bytes.decode(errors="replace").replace("\r\n", "\n").replace("^C", "")  # the terminal's echo

    def frames(self):
        """The lines that were erased again."""
        return re.findall(f"{re.escape(ERASE)}([^\r\n]+)(?=\r)", self._text())

    def _shown(self):
        return [line.rsplit(ERASE, 1)[-1] for line in self._text().split("\n")]

    def lines(self):
        """The lines that remain for good."""
        return self._shown()[:-1]

    def last_line(self):
        """Where the cursor is."""
        return self._shown()[-1]
