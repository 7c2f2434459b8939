"""README.md and docs/*.md. The quick start and the operations guide are run as they stand; so is what asks a running process,
with curl or by its URL, and the first example of a hook. Of all other pages the commands are known to the program, with their
options and settings, the files that they name are there, YAML loads, and SQL runs. What calls docker or kubectl is run by
container_job and shards_one_gate.

A block whose language is followed by a word is for another program: ```yaml patroni."""

import http.server
import os
import re
import shlex
import ssl
import subprocess
import threading

import yaml

from asked import Asked
from documents import REPO, Program, blocks, command_lines, pages, spans
from program import Run
from servers import PATIENCE, wait_until
from web import listening, make_certificate


class Terminal:
    """Runs a page's blocks one after the other; `pgwraith run` gets a terminal of its own."""

    def __init__(self, case, name):
        self.case, self.name = case, name
        self.dir = case.dir / name
        self.dir.mkdir()
        self.run = None
        self.env = {**os.environ, "PGHOST": str(case.server.host), "PGPORT": str(case.server.port), "PGPASSWORD": "change me",
                    "PATH": f"{os.path.dirname(case.program)}:{os.environ['PATH']}"}

    def block(self, text):
        text = text.replace("migrator", "shop_migrator")  # the server has a role of that name already
        if re.fullmatch(r"pgwraith run (\S+)\n", text):
            self.start(text.split()[-1])
            return
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=self.dir, env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60 * PATIENCE)
        self.case.check(done.returncode == 0, f"{self.name}: exit {done.returncode} of\n{text}\n{done.stdout}")
        if "pgwraith cutover" in text:
            code = self.run.wait()
            self.case.check(code == 0, f"{self.name}: run exits {code}\n{self.run.log()}")

    def start(self, file):
        self.run = Run(self.case.program, self.dir / file, self.dir / "state", self.case.dir / f"{self.name}.log", self.env)
        self.case.closing(self.run)
        wait_until("the first status", self.run.status)

    def page(self, path):
        for block in blocks(path):
            if block.language == "sh":
                self.block(block.text)


def quick_start(case):
    terminal = Terminal(case, "quickstart")
    terminal.page(REPO / "docs/quickstart.md")
    case.check(os.listdir(terminal.dir) == [], f"nothing is left: {os.listdir(terminal.dir)}")
    case.check(case.superuser("SELECT count(*) FROM pg_database WHERE datname = 'shop'") == "0", "the database is gone")


def operations(case):
    """On the table of the compose file."""
    folder = REPO / "config/compose"
    case.superuser((folder / "init.sql").read_text().replace("migrator", "shop_migrator").replace("200000", "20000"))
    terminal = Terminal(case, "operations")
    terminal.env["DB_HOST"], terminal.env["DB_PORT"] = str(case.server.host), str(case.server.port)
    (terminal.dir / "orders.yaml").write_text((folder / "change.yaml").read_text().replace("migrator", "shop_migrator")
                                              .replace("/state/orders", "./state"))
    terminal.page(REPO / "docs/operations.md")


TOKEN = "0123456789abcdef0123456789abcdef"
PROCESS, CHAT = "db-jobs.internal", "chat.internal"  # as the documents name the hosts


class Chat:
    """Where the hook of docs/hooks.md says that it is ready."""

    def __init__(self, folder):
        self.heard = heard = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                heard.append(self.path + ": " + self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "ca.crt", folder / "key.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def asked(case):
    """A process that waits for its operator is asked as the documents say."""
    terminal = Terminal(case, "asked")
    terminal.env |= {"PGWRAITH_TOKEN": TOKEN, "CURL_HOME": str(terminal.dir)}
    make_certificate(terminal.dir, "ca.crt", "key.pem", f"DNS:{PROCESS},DNS:{CHAT},IP:127.0.0.1")
    chat = case.closing(Chat(terminal.dir))

    def curl_finds(**ports):
        lines = ["fail", "silent", "show-error", f'cacert = "{terminal.dir}/ca.crt"']
        lines += [f'connect-to = "{host}:127.0.0.1:{port}"' for host, port in ports.items()]
        (terminal.dir / ".curlrc").write_text("\n".join(lines) + "\n")

    places = {CHAT + ":443": chat.port}
    curl_finds(**places)
    (terminal.dir / "token").write_text(TOKEN + "\n")
    (terminal.dir / "may-we.sh").write_text('#!/bin/sh\necho "$@" > may-we\n')
    (terminal.dir / "may-we.sh").chmod(0o755)
    hooks = yaml.safe_load(next(block.text for block in blocks(REPO / "docs/hooks.md") if block.language == "yaml"))
    case.psql("CREATE TABLE public.orders (id int PRIMARY KEY)")
    control = {"listen": "127.0.0.1:0", "token": "${PGWRAITH_TOKEN}", "tls_certificate": "ca.crt", "tls_key": "key.pem"}
    (terminal.dir / "orders.yaml").write_text(yaml.safe_dump({
        "connection": f"user=migrator dbname={case.database}", "table": "public.orders", "strategy": "shadow",
        "sql": "ALTER TABLE public.orders ADD COLUMN note text", "cutover": {"mode": "manual"}, "control": control, **hooks}))
    terminal.start("orders.yaml")
    terminal.run.wait_phase("ready")
    url = listening(terminal.run)
    curl_finds(**places, **{PROCESS + ":8443": url.rsplit(":", 1)[1]})
    lines = command_lines("curl ")
    case.check(len(lines) > 6, f"lines of curl: {lines}")
    for _, line in lines:
        terminal.block(line)
    case.check(terminal.run.status()["paused"], "one of them was a pause")
    terminal.block("pgwraith resume orders.yaml")

    # The one that watches comes first, and the cutover last.
    lines = sorted((line for _, line in command_lines("pgwraith .*--url ")), key=lambda line: ("cutover" in line) - ("--watch" in line))
    case.check(len(lines) == 4, f"lines with --url: {lines}")
    lines = [line.replace(f"https://{PROCESS}:8443", url).replace("/run/secrets/pgwraith", "token") for line in lines]
    watch = Asked(case, *shlex.split(lines[0])[1:], file=False, folder=terminal.dir, env=terminal.env)
    watch.says("phase")
    for line in lines[1:]:
        terminal.block(line)
    watch.expect(4)
    case.check(chat.heard == ["/hook: public.orders is ready to swap"], f"the hook `ready`: {chat.heard}")
    case.check((terminal.dir / "may-we").read_text() == "--table orders\n", "the hook `before_cutover`")
    case.psql("DROP TABLE public.orders")


def check_yaml(case, program, block):
    """It is a piece of a configuration that loads."""
    try:
        piece = yaml.safe_load(block.text)
    except yaml.YAMLError as error:
        return [f"{block.where}: {error}"]
    path = case.dir / "piece.yaml"
    path.write_text(block.text if "table" in piece else "table: public.orders\n" + block.text)
    code, output = program.run("status", str(path), env={"PASSWORD": "unused", "PGWRAITH_TOKEN": "0123456789abcdef"})
    # (4: it was read, and no such migration runs.)
    return [] if code == 4 else [f"{block.where}: exit {code}: {output}"]


def check_sql(case, block):
    text = block.text.replace("migrator", "docs_migrator")
    if "CREATE ROLE" not in text:
        text = "CREATE ROLE docs_migrator;\n" + text
    for role in ("app_owner", "rds_replication"):
        if role in text:
            text = f"CREATE ROLE {role};\n" + text
    if "REVOKE" in text:
        text = text.replace("REVOKE", "GRANT app_owner, pg_monitor TO docs_migrator;\nREVOKE", 1)
    text = text.replace("DATABASE shop", f"DATABASE {case.database}")
    done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", case.server.conninfo(case.database), "-f", "-"],
                          input=f"BEGIN;\n{text}\nROLLBACK;\n", capture_output=True, text=True, timeout=30 * PATIENCE, check=False)
    return [] if done.returncode == 0 else [f"{block.where}: {done.stderr.strip()}"]


def check_others(case):
    program = Program(case)
    problems = []
    for page in pages():
        for block in blocks(page):
            if block.language == "yaml":
                problems += check_yaml(case, program, block)
            elif block.language == "sql":
                problems += check_sql(case, block)
            elif block.language == "sh":
                problems += program.problems_of_script(block)
        for where, text in spans(page):
            problems += program.problems_of_line(where, text)
        problems += program.dead_links(page)
    index = (REPO / "docs/README.md").read_text()
    return problems + [f"docs/README.md does not lead to {page.name}" for page in pages()
                       if page.name != "README.md" and f"({page.name})" not in index]


def run(case):
    quick_start(case)
    operations(case)
    asked(case)
    problems = check_others(case)
    case.check(not problems, "what the documents say:\n" + "\n".join(problems))
