"""What is told apart by who asks over TCP: a running pgwraith's port, and a stranger's page."""

import http.server
import json
import os
import re
import ssl
import subprocess
import threading
import urllib.error
import urllib.request

from servers import wait_until


def listening(run):
    """The address that a run's log names."""
    found = wait_until("the port in the log", lambda: re.search(r"listening at (https?://\S+)", run.log()), 20)
    return found.group(1)


def make_certificate(folder, certificate, key, name, common_name="pgwraith"):
    """One that vouches for itself, in the place of the last one. `name`: "IP:127.0.0.1"."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={common_name}", "-addext", f"subjectAltName={name}", "-keyout", "new-key", "-out", "new-crt"],
                   cwd=folder, check=True, capture_output=True)
    os.replace(folder / "new-key", folder / key)
    os.replace(folder / "new-crt", folder / certificate)


class Web:
    """One who asks a port. `authority`: the file that vouches for its certificate."""

    def __init__(self, url, token=None, authority=None):
        self.url, self.token = url, token
        self._context = ssl.create_default_context(cafile=authority) if authority else None

    def ask(self, method, path, body=None, headers=None, token="own"):
        """Status, headers and body."""
        headers = dict(headers or {})
        token = self.token if token == "own" else token
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.url + path, method=method, headers=headers,
                                         data=json.dumps(body).encode() if body is not None else None)
        try:
            with urllib.request.urlopen(request, timeout=10, context=self._context) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers, refusal.read().decode()

    def status(self):
        return json.loads(self.ask("GET", "/status")[2])


class Stranger:
    """A page of another origin on this machine; how it fares is in `window.heard`, one sentence per try."""

    def __init__(self, html):
        page = html.encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
