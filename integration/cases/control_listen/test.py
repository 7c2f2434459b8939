import http.client
import pathlib
import socket
import ssl
import time

from servers import wait_until
from web import Web, listening, make_certificate

TOKEN = "0123456789abcdef0123456789abcdef"
CONNECTIONS = 32  # that the program takes


def run(case):
    refused(case)
    certificate(case, "first")
    paths = {"tls_certificate": "crt.pem", "tls_key": "key.pem"}
    config = case.write_config(control={"listen": "[::1]:0", "token": "${PGWRAITH_TOKEN}", **paths})
    run = case.start(config, env={"PGWRAITH_TOKEN": TOKEN})
    case.wait_held(run)
    url = listening(run)
    case.check(url.startswith("https://[::1]:"), f"the log names the port: {url}")
    port = int(url.rsplit(":", 1)[1])
    web = Web(url, TOKEN, authority=case.dir / "crt.pem")
    with_the_token(case, run, web)
    port_taken(case, config, port)
    holds_up_nothing(case, run, web, port)
    web = renewed(case, web, port)

    code, _, body = web.ask("POST", "/abort")
    case.check(code == 202, f"abort: {code} {body}")
    case.expect_exit(run, 5)
    case.check(TOKEN not in run.log(), "the token is not in the log")
    case.check_clean()


def certificate(case, name):
    make_certificate(case.dir, "crt.pem", "key.pem", "IP:::1", name)


def refused(case):
    """Before anything is done, and by `plan` where it can be foreseen."""
    for control, text in (({"listen": "0.0.0.0:0"}, "control.token is not set"),
                          ({"listen": "0.0.0.0:0", "token": TOKEN}, "in the clear"),
                          ({"listen": "127.0.0.1:0", "token": "short"}, "16 printable"),
                          ({"page": True}, "nothing listens")):
        config = case.write_config("refused.yaml", control=control)
        for command in ("plan", "run"):
            code, output = case.pgwraith(command, config=config)
            case.check(code == 2, f"{command} {control}: 2, not {code}: {output}")
            case.says(output, text)
    (case.dir / "nonsense.pem").write_text("nonsense")
    for control, text in (({"tls_certificate": "none.pem", "tls_key": "none.pem"}, "none.pem cannot be used: No such file"),
                          ({"tls_certificate": "nonsense.pem", "tls_key": "nonsense.pem"}, "nonsense.pem cannot be used"),
                          ({"listen": "192.0.2.1:0", "token": TOKEN, "without_tls": "allow"}, "192.0.2.1:0 cannot be listened at")):
        config = case.write_config("refused.yaml", control={"listen": "127.0.0.1:0", **control})
        code, output = case.pgwraith("run", config=config)
        case.check(code == 2, f"run {control}: 2, not {code}: {output}")
        case.says(output, text)
    case.check(not case.leftovers() and not case.state_dir.exists(), "nothing was made")


def with_the_token(case, run, web):
    for token in (None, "wrong-wrong-wrong-wrong", TOKEN[:-1], TOKEN + "0"):
        for method, path in (("GET", "/status"), ("GET", "/metrics"), ("GET", "/events"), ("POST", "/pause"), ("POST", "/abort")):
            code, headers, body = web.ask(method, path, token=token)
            case.check(code == 401 and headers["WWW-Authenticate"] == "Bearer", f"{method} {path} with {token}: {code} {body}")
    case.check(run.log().count("with a token that is not the right one") == 1, "a wrong token is said, and not each time")
    case.check(not run.status()["throttled"], "nothing was paused")
    case.check(web.ask("GET", "/healthz", token=None)[0] != 401, "health needs no token")
    case.check(web.ask("GET", "/")[0] == 404, "there is no page unless it is asked for")
    case.check(web.status()["phase"] == "copy", "the status")
    case.says(web.ask("GET", "/metrics")[2], "pgwraith_phase")
    code, _, body = web.ask("POST", "/set", {"key": "copy.workers", "value": "1"})
    case.check(code == 200, f"set: {code} {body}")
    case.check(web.ask("POST", "/pause")[0] == 200 and "paused" in run.status()["throttled"], "paused")
    case.check(web.ask("POST", "/resume")[0] == 200, "resumed")


def port_taken(case, config, port):
    taken = case.write_config("taken.yaml", state_dir=str(case.dir / "other"),
                              control={"listen": f"[::1]:{port}", "token": TOKEN, "tls_certificate": "crt.pem", "tls_key": "key.pem"})
    code, output = case.pgwraith("run", config=taken)
    case.check(code == 4, f"a port that is taken: 4, not {code}: {output}")
    case.says(output, "Address already in use", "Another process has this port")
    case.check(not (case.dir / "other").exists(), "nothing was made")


def connected(port):
    return socket.create_connection(("::1", port), timeout=20)


def holds_up_nothing(case, run, web, port):
    # Some say nothing, some half of a handshake, some half of a request, one never reads what it asked for.
    silent = [connected(port) for _ in range(CONNECTIONS // 2)]
    for half in silent[::2]:
        half.sendall(b"\x16\x03\x01\x02")
    context = ssl._create_unverified_context()
    halves = [context.wrap_socket(connected(port)) for _ in range(6)]
    for half in halves[:5]:
        half.sendall(b"GET /status HTTP/1.1\r\nAuthoriz")
    deaf = halves[5]
    deaf.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n\r\n")
    for asked in range(3):
        begin = time.monotonic()
        status = run.status()
        case.check(status and time.monotonic() - begin < 1, f"the socket answers at once: {asked}")
    case.check(web.status()["phase"] == "copy", "others are answered meanwhile")
    # More than it takes: closed at once. Those that do nothing are closed in their time.
    silent += [connected(port) for _ in range(CONNECTIONS)]
    for each in silent + halves:
        each.settimeout(20)
        try:
            while each.recv(65536):
                pass
        except ConnectionResetError:
            pass
        each.close()
    case.check(web.status()["phase"] == "copy", "then there is room again")
    # Not HTTP, too large, not TLS.
    for text, code in ((b"nonsense\r\n\r\n", b"400"), (b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000 + b"\r\n\r\n", b"431"),
                       (b"POST /set HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413")):
        with context.wrap_socket(connected(port)) as odd:
            odd.sendall(text)
            case.check(odd.recv(100).split()[1] == code, f"{text[:20]}: {code}")
    plain = http.client.HTTPConnection("::1", port, timeout=10)
    try:
        plain.request("GET", "/status")
        case.check(plain.getresponse().status != 200, "without TLS nothing is told")
    except (http.client.HTTPException, OSError):
        pass
    case.check(web.status()["phase"] == "copy" and not run.exited(), "it goes on")


def renewed(case, web, port):
    old = pathlib.Path(case.dir / "crt.pem").read_text()
    certificate(case, "second")
    def shown():
        return ssl.get_server_certificate(("::1", port))
    wait_until("the new certificate", lambda: shown().split() != old.split())
    web = Web(web.url, TOKEN, authority=case.dir / "crt.pem")
    case.check(web.status()["phase"] == "copy", "with the new certificate")
    return web
