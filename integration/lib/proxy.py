"""A TCP proxy before a server that understands enough of PostgreSQL's protocol to cut a connection at a COMMIT, and to
keep the copy from beginning another chunk."""

import re
import socket
import struct
import threading

from servers import PATIENCE, HarnessError, free_port

_CODES_WITHOUT_SESSION = {80877102, 80877103, 80877104}  # cancel, SSL, GSS


def _receive(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def _reset(sock):
    """Closed without a farewell: the other side reads ECONNRESET or EOF, whichever comes first."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


class _Link:
    """One connection of the program. The two directions are two threads."""

    def __init__(self, proxy, client):
        self.proxy, self.client, self.name = proxy, client, ""
        self.server = socket.create_connection(proxy.target)
        # Otherwise a small answer waits 40 ms for the acknowledgement of the one before.
        for end in (self.client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.swallow = None  # an Event: set when the server has answered COMMIT, and nothing is passed on
        self._swallowed = b""
        threading.Thread(target=self._run, args=(self._from_client,), daemon=True).start()
        threading.Thread(target=self._run, args=(self._from_server,), daemon=True).start()

    def _run(self, direction):
        try:
            direction()
        except OSError:
            pass
        finally:
            self.cut()

    def cut(self):
        """The program loses the connection; the server reads what was sent to it, then the end."""
        self.proxy.forget(self)
        _reset(self.client)
        try:
            self.server.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.server.close()

    def _from_client(self):
        while True:
            head = _receive(self.client, 8)
            length, code = struct.unpack("!II", head)
            body = _receive(self.client, length - 8)
            if code not in _CODES_WITHOUT_SESSION:
                found = re.search(rb"application_name\0([^\0]*)\0", body)
                self.name = found.group(1).decode() if found else ""
                self.server.sendall(head + body)
                break
            self.server.sendall(head + body)
        while True:
            kind, body, message = self._next_message()
            statement = body.rstrip(b"\0; ").upper() if kind == b"Q" else b""
            if kind == b"P" and body.split(b"\0")[1].upper() == b"COMMIT":
                # In a pipeline: with the messages that belong to it, up to Sync.
                statement = b"COMMIT"
                while kind != b"S":
                    kind, _, following = self._next_message()
                    message += following
            if statement.endswith(b"COMMIT") and self.proxy.at_commit(self, message):
                return
            if statement == b"BEGIN" or statement.startswith(b"BEGIN; "):
                self.proxy.at_begin(self)
            self.server.sendall(message)

    def _next_message(self):
        """Kind, body, and the whole as it came."""
        head = _receive(self.client, 5)
        body = _receive(self.client, struct.unpack("!I", head[1:])[0] - 4)
        return head[:1], body, head + body

    def wait_for(self, event):
        """ConnectionError when a side goes away meanwhile."""
        while not event.wait(0.02):
            try:
                if not self.client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                    raise ConnectionError
            except BlockingIOError:
                pass

    def _from_server(self):
        while True:
            data = self.server.recv(65536)
            if not data:
                return
            if self.swallow is None:
                self.client.sendall(data)
                continue
            self._swallowed += data
            if b"COMMIT\0" in self._swallowed:
                self.swallow.set()


class Proxy:
    """Listens on a port of its own. Thread contract: the test's own thread; `commits` counts from any."""

    def __init__(self, server):
        self.target = ("127.0.0.1", server.port)
        self.port = free_port()
        self._links, self._lock = set(), threading.Lock()
        self._refuses, self._trap, self._hold = False, None, None
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def conninfo(self, database, user="migrator"):
        return f"host=127.0.0.1 port={self.port} user={user} dbname={database}"

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refuses:
                _reset(client)
                continue
            try:
                link = _Link(self, client)
            except OSError:
                _reset(client)
                continue
            with self._lock:
                self._links.add(link)

    def forget(self, link):
        with self._lock:
            self._links.discard(link)

    def cut(self):
        """All connections break, and there are no new ones until fix()."""
        self._refuses = True
        with self._lock:
            links = list(self._links)
        for link in links:
            link.cut()

    def fix(self):
        self._refuses = False

    def close(self):
        self._listener.close()
        self.cut()
        self.release_copy()

    # -- BEGIN

    def hold_copy(self, chunks):
        """From now on the copy begins that many chunks and no more, until release_copy(). No transaction of its is open
        then."""
        before, self._hold = self._hold, _Hold(chunks)
        if before:
            before.over.set()

    def release_copy(self):
        if self._hold:
            self._hold.over.set()

    def holds(self):
        """Whether the copy stands at the chunk that is held."""
        return self._hold.reached.is_set()

    def at_begin(self, link):
        if self._hold:
            self._hold.takes(link)

    # -- COMMIT

    def trap(self, purpose, how, number=1, before=None):
        """The program's `number`th COMMIT from now on in a session for `purpose` ("copy", "apply", "cutover").

        how: "answer lost"  the server has committed, the program never hears of it
             "never sent"   the server rolls back, the program never hears of it
             "unread"       the server has it, and may commit it any time later
        `before(application_name)`: called before COMMIT is passed on. Returns the trap; wait() for it.
        """
        self._trap = _Trap(self, purpose, how, number, before)
        return self._trap

    def at_commit(self, link, message):
        """True when the link is at its end."""
        trap = self._trap
        return trap is not None and trap.takes(link, message)


class _Hold:
    def __init__(self, chunks):
        self._left, self._lock = chunks, threading.Lock()
        self.reached, self.over = threading.Event(), threading.Event()

    def takes(self, link):
        if not re.match(r"pgwraith copy \d+ \(", link.name):
            return
        with self._lock:
            if self._left > 0:
                self._left -= 1
                return
        self.reached.set()
        link.wait_for(self.over)


class _Trap:
    def __init__(self, proxy, purpose, how, number, before):
        self._proxy, self._purpose, self._how, self._left, self._before = proxy, purpose, how, number, before
        self._lock, self._sprung = threading.Lock(), threading.Event()
        self.cut_all = False  # everything else is cut along
        self._error = None

    def takes(self, link, message):
        with self._lock:
            if not link.name.startswith(f"pgwraith {self._purpose}") or self._left == 0:
                return False
            self._left -= 1
            if self._left > 0:
                return False
        try:
            if self._before:
                self._before(link.name)
            if self._how == "answer lost":
                link.swallow = threading.Event()
            if self._how != "never sent":
                link.server.sendall(message)
            if link.swallow and not link.swallow.wait(10 * PATIENCE):
                raise HarnessError("the server did not answer COMMIT")
        except Exception as error:  # for the test's own thread
            self._error = error
        if self.cut_all:
            self._proxy.cut()
        link.cut()
        self._sprung.set()
        return True

    def wait(self, timeout=60):
        if not self._sprung.wait(timeout * PATIENCE):
            raise HarnessError(f"no COMMIT of a session for {self._purpose} came by")
        if self._error:
            raise HarnessError(f"at the COMMIT: {self._error}")
