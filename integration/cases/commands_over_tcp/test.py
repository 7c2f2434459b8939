import json
import socket

from asked import Asked
from servers import PATIENCE, free_port
from web import listening, make_certificate

TOKEN = "0123456789abcdef0123456789abcdef"


def run(case):
    make_certificate(case.dir, "crt.pem", "key.pem", "IP:127.0.0.1")
    make_certificate(case.dir, "stranger.pem", "stranger-key.pem", "IP:127.0.0.1")
    (case.dir / "token").write_text(TOKEN + "\n")
    case.write_config(control={"listen": "127.0.0.1:0", "token": TOKEN, "tls_certificate": "crt.pem", "tls_key": "key.pem"})
    interrupted(case)
    run = case.start()
    case.wait_held(run)
    url = listening(run)
    elsewhere = ["--url", url, "--token-file", "token", "--ca", "crt.pem"]
    wrong(case, run, url)
    asked(case, run, elsewhere)
    aborted(case, run, elsewhere)
    swapped(case, elsewhere)


def ask(case, code, *words, env=None, says=()):
    got, output = case.pgwraith_with(*words, env=env)
    case.check(got == code, f"{' '.join(words)}: {code}, not {got}: {output}")
    case.check(code in (0, 130) or "hint: " in output, f"it says what helps: {output}")
    case.check(TOKEN not in output, f"no token: {output}")
    case.says(output, *says)
    return output


class Silent:
    """One who listens, and gives these answers; then none."""

    def __init__(self, answers=(), path=None):
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(str(path) if path else ("127.0.0.1", 0))
        self.listener.listen()
        self.listener.settimeout(30 * PATIENCE)
        self.answers, self.asked = list(answers), []

    def words(self):
        return ["--url", f"http://127.0.0.1:{self.port()}"]

    def port(self):
        return self.listener.getsockname()[1]

    def wait(self):
        """Until the question comes that is not answered."""
        while True:
            asked, _ = self.listener.accept()
            self.asked.append(asked)
            asked.settimeout(30 * PATIENCE)
            asked.recv(4096)
            if not self.answers:
                return
            body = json.dumps(self.answers.pop(0)).encode()
            asked.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in [self.listener, *self.asked]:
            one.close()


def interrupted(case):
    """One Ctrl-C ends a command whose question is not answered."""
    unheard, said = "whether the process has heard it is not known", {"message": "asked for"}
    status = {"running": True, "phase": "ready", "verifications": 0, "health": "waits", "headline": "ready"}
    for command, answers, text in (("status", [], ""), ("pause", [], unheard), ("cutover", [], unheard), ("verify", [], unheard),
                                   ("abort", [], unheard), ("set", [], unheard), ("verify", [status], unheard),
                                   ("cutover", [said], "the cutover stays asked for"),
                                   ("verify", [status, said], "the verification goes on"),
                                   ("abort", [said], "the process goes on with the abort")):
        with Silent(answers) as silent:
            more = ["copy.workers=1"] if command == "set" else []
            asked = Asked(case, command, *silent.words(), *more, file=False)
            silent.wait()
            end(case, asked, text)
    # Over the socket, and beside a server that is silent.
    case.state_dir.mkdir(mode=0o700)
    path = case.state_dir / "control.sock"
    with Silent(path=path) as silent:
        asked = Asked(case, "pause")
        silent.wait()
        end(case, asked, unheard)
    path.unlink()
    case.state_dir.rmdir()
    with Silent() as silent:
        file = case.dir / "silent.yaml"
        file.write_text(f"connection: host=127.0.0.1 port={silent.port()} user=me dbname=shop sslmode=disable\n"
                        f"table: public.t\nsql: ALTER TABLE t ADD COLUMN s int\nstate_dir: {case.state_dir}\n")
        asked = Asked(case, "abort", str(file), file=False)
        silent.wait()
        end(case, asked, "interrupted; what is not dropped yet stays as it is")


def end(case, asked, text):
    asked.press_ctrl_c()
    asked.expect(130)
    case.check(text in asked.text() and (text or not asked.text()), f"it says {text!r}: {asked.text()}")


def wrong(case, run, url):
    """Each with what helps, and nothing is done."""
    good = ["--token-file", "token", "--ca", "crt.pem"]
    (case.dir / "other").write_text("f" * 32)
    (case.dir / "short").write_text("short\n")
    port = url.rsplit(":", 1)[1]
    for words, text in ((["--ca", "crt.pem"], "asks for a token"),
                        (["--ca", "crt.pem", "--token-file", "other"], "the token is not the one of"),
                        (["--ca", "crt.pem", "--token-file", "short"], "the token in short is too short"),
                        (["--ca", "crt.pem", "--token-file", "absent"], "absent cannot be read: No such file"),
                        (["--token-file", "token"], "is not trusted: self.signed certificate"),
                        (["--token-file", "token", "--ca", "stranger.pem"], "is not trusted"),
                        (["--token-file", "token", "--ca", "token"], "--ca: token cannot be used")):
        ask(case, 2, "pause", "--url", url, *words, says=[text])
    ask(case, 2, "pause", "--url", f"https://localhost:{port}", *good, says=["is not for localhost", "Nothing was sent"])
    ask(case, 2, "pause", "--url", f"http://127.0.0.1:{port}", "--token-file", "token", says=["begins with https://"])
    ask(case, 2, "pause", "--url", f"http://192.0.2.1:{port}", "--token-file", "token", says=["would travel in the clear"])
    ask(case, 2, "pause", "--url", f"127.0.0.1:{port}", *good, says=["is not scheme, host and port"])
    ask(case, 2, "pause", "--url", f"https://me:hidden@127.0.0.1:{port}", *good, says=["a user or a password"])
    ask(case, 4, "pause", "--url", f"https://127.0.0.1:{free_port()}", *good, says=["nobody listens at", "pgwraith status FILE"])
    ask(case, 4, "pause", "--url", "https://no-such-host.invalid:1", *good, says=["cannot be found"])
    ask(case, 2, "pause", str(case.config), "--url", url, *good, says=["FILE \\(or --url, not both\\)"])
    ask(case, 2, "pause", str(case.config), "--ca", "crt.pem", says=["--ca requires --url"])
    for command in ("run", "plan", "rehearse", "contract"):
        ask(case, 2, command, str(case.config), "--url", url, says=[f"`{command}` needs the state directory and the server"])
    case.check(not run.status()["paused"], "nothing was paused")


def asked(case, run, elsewhere):
    ask(case, 0, "status", *elsewhere, says=["^well: copying", "phase +copy"])
    env = {"PGWRAITH_TOKEN": TOKEN}
    status = json.loads(ask(case, 0, "status", "--json", *elsewhere[:2], *elsewhere[4:], env=env))
    case.check(status["table"] == "public.t" and status["end"] is None, f"the status: {status}")
    ask(case, 0, "pause", *elsewhere, says=["paused"])
    ask(case, 0, "status", *elsewhere, says=["^held: paused by the operator"])
    ask(case, 0, "resume", *elsewhere)
    ask(case, 0, "set", *elsewhere, "copy.chunk_target=90ms", "copy.workers=1", says=["chunk_target", "copy.workers"])
    ask(case, 2, "set", *elsewhere, "copy.workers=2", "nonsense", says=["nothing was changed"])
    ask(case, 2, "set", *elsewhere, says=["KEY=VALUE"])
    ask(case, 2, "set", *elsewhere, "copy.workers=many", says=["copy.workers"])
    ask(case, 4, "verify", *elsewhere)
    ask(case, 0, "cutover", "--at", "2100-01-01T00:00Z", *elsewhere)
    ask(case, 2, "cutover", "--at", "soon", *elsewhere)
    ask(case, 0, "postpone", *elsewhere, says=["postponed"])


def aborted(case, run, elsewhere):
    """Who waits is told."""
    waits = [Asked(case, "cutover", *elsewhere, file=False), Asked(case, "cutover", *elsewhere, file=False),
             Asked(case, "status", "--watch", *elsewhere, file=False)]
    for one in waits[:2]:
        one.says("copying")
    waits[2].says("phase ")
    waits[1].press_ctrl_c()
    waits[1].expect(130)
    ask(case, 0, "abort", *elsewhere, says=["aborted"])
    waits[0].expect(5)
    waits[2].expect(4)
    case.says(waits[2].text(), "the process has ended: .*aborted")
    case.expect_exit(run, 5)
    case.check_clean()
    ask(case, 4, "abort", *elsewhere, says=["nobody listens at", "nothing was dropped", "pgwraith abort FILE"])
    ask(case, 4, "cutover", *elsewhere, says=["nobody listens at"])
    case.release_copy()


def swapped(case, elsewhere):
    run = case.start()
    run.wait_phase("ready")
    elsewhere[1] = listening(run)
    ask(case, 0, "verify", *elsewhere, says=["verified: "])
    ask(case, 0, "cutover", *elsewhere, says=["swapped: public.t has its new shape: others waited"])
    case.expect_exit(run, 0)
    case.check(TOKEN not in run.log(), "the token is not in the log")
