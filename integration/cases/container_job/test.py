"""The Job of config/kubernetes, without a cluster; and what the documents call `docker` and `kubectl` with, without either."""

import json
import os
import pathlib
import re
import shlex
import signal
import socket

import yaml

from container import Container, possible
from documents import command_lines
from servers import REPO, wait_until

CONFIG = "/config/change.yaml"
MANIFEST = "config/kubernetes/migration.yaml"


def parts(case):
    documents = list(yaml.safe_load_all((REPO / MANIFEST).read_text()))
    kinds = {document["kind"]: document for document in documents}
    config = kinds["ConfigMap"]["data"]["change.yaml"].replace("dbname=shop", f"dbname={case.database}")
    return config, kinds["Job"]


def phase(container, probe):
    code, output = container.run([*probe, "--json"])
    return json.loads(output)["phase"] if code == 0 else None


def reaps_orphans(case, container):
    """What an exec, or a hook, leaves behind becomes a child of process 1."""
    container.run(["sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $! >/state/orphan"])
    number = (container.state / "orphan").read_text().strip()
    status = pathlib.Path(f"/proc/{container.first()}/root/proc/{number}/status")
    case.check("PPid:\t1\n" in status.read_text(), "the orphan is a child of process 1")
    container.run(["kill", number])
    wait_until("the orphan to be reaped", lambda: not status.exists(), 10)
    (container.state / "orphan").unlink()


def interrupts_plan(case, config):
    """Process 1 is spared by signals that it does not handle."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        container = case.closing(Container(case, case.program, {CONFIG: config}))
        container.start(["pgwraith", "plan", CONFIG],
                        {"DB_HOST": "127.0.0.1", "DB_PORT": str(silent.getsockname()[1]), "DB_SSLMODE": "disable"})
        silent.settimeout(60)
        connected, _ = silent.accept()
        with connected:
            container.signal(signal.SIGINT)
            code = container.wait(10)
            case.check(code == 130, f"Ctrl-C ends `plan`: exit {code}\n{container.log()}")
        container.close()


class Kubectl:
    """The documents' lines, where `container` is the Job's pod. Each is a word of the manifest, or is done."""

    def __init__(self, case, job):
        self.case, self.job = case, job
        self.left = [(where, shlex.split(line)[1:]) for where, line in command_lines("kubectl ")]
        case.check(len(self.left) > 4, f"lines of kubectl: {self.left}")

    def made(self):
        """What is to be there before the pod is."""
        (secret,) = [one["valueFrom"]["secretKeyRef"] for one in self._container()["env"] if "valueFrom" in one]
        self.take(["create", "secret", "generic", secret["name"], f"--from-literal={secret['key']}=$PASSWORD"])
        self.take(["apply", "-f", MANIFEST])
        self.take(["logs", "-f", self._name()])

    def _name(self):
        return "job/" + self.job["metadata"]["name"]

    def _container(self):
        return self.job["spec"]["template"]["spec"]["containers"][0]

    def take(self, words):
        self.case.check(words in [line for _, line in self.left], f"the documents say: kubectl {' '.join(words)}")
        self.left = [one for one in self.left if one[1] != words]

    def exec(self, container, command):
        words = ["pgwraith", command, CONFIG]
        self.take(["exec", self._name(), "--", *words])
        code, output = container.run(words)
        self.case.check(code == 0, f"{command}: {code} {output}")

    def all_done(self):
        self.case.check(not self.left, f"nobody knows what becomes of: {self.left}")


class Docker:
    """The documents' lines. The image is the machine's own root with the program in it, its user the Dockerfile's."""

    def __init__(self, case, file, text):
        self.case, self.file, self.text = case, file, text
        self.started, self.others = {}, []
        dockerfile = (REPO / "Dockerfile").read_text()
        (user,) = re.findall(r"^USER (\d+):0$", dockerfile, re.MULTILINE)
        self.user = int(user)
        case.check('ENTRYPOINT ["pgwraith"]' in dockerfile and "VOLUME /state" in dockerfile, "the image's words")

    def container(self, words):
        """`run` of the image, with the file and the volume mounted where the documents have them."""
        name, mounts = None, {}
        while words[0].startswith("-"):
            option = words.pop(0)
            if option == "-v":
                source, _, rest = words.pop(0).partition(":")
                mounts[source] = rest.split(":")
            elif option == "--name":
                name = words.pop(0)
            else:
                self.case.check(option == "--rm", f"docker run {option}: not understood")
        self.case.check(words.pop(0) == "pgwraith", "the image that was built")
        path, mode = mounts.pop(f"$PWD/{self.file}")
        self.case.check(mode == "ro", "the file is only read")
        ((volume, (state, *modes)),) = mounts.items()
        self.case.check(state == "/state", "its volume")
        used = self.started.get(volume)
        self.case.check((used is None) == (modes == []), f"who made {volume} may write to it, and nobody else")
        container = self.case.closing(Container(self.case, self.case.program, {path: self.text}, self.user, used and used.state))
        if used is None:
            # A new volume is as the directory in the image.
            os.chown(container.state, self.user, 0)
            container.state.chmod(0o770)
            self.started[volume] = self.started[name] = container
        container.start(["pgwraith", *words], {"PGPASSWORD": "unused"})
        return container

    def call(self, verb, words):
        if verb == "run":
            container = self.container(words)
            code = container.wait()
            self.case.check(code == 0, f"docker run: {code} {container.log()}")
            container.close()
        elif verb == "exec":
            code, output = self.started[words[0]].run(words[1:])
            self.case.check(code == 0, f"docker exec: {code} {output}")
        elif verb == "stop":
            container = self.started[words[0]]
            container.signal(signal.SIGTERM)
            code = container.wait(10)
            self.case.check(code == 4 and "the state is kept" in container.log(), f"docker stop: {code} {container.log()}")
        else:
            self.case.check([verb, *words] == ["build", "-t", "pgwraith", "."], f"docker {verb} {words}: not understood")


def as_the_documents_call_docker(case):
    lines = [shlex.split(line)[1:] for _, line in command_lines("docker ")]
    (first,) = [line for line in lines if line[-2:] == ["run", "/orders.yaml"]]
    text = (f"connection: host=127.0.0.1 port={case.server.port} dbname={case.database} user=migrator\ntable: public.orders\n"
            "sql: ALTER TABLE public.orders ADD COLUMN note text\nstrategy: shadow\nstate_dir: /state\ncutover: { mode: manual }\n")
    docker = Docker(case, "orders.yaml", text)
    container = docker.container(list(first[1:]))
    wait_until("ready", lambda: phase(container, ["pgwraith", "status", "/orders.yaml"]) == "ready", 30)
    for verb, *words in sorted((line for line in lines if line is not first), key=lambda line: line[0] == "stop"):
        docker.call(verb, words)
    # The same `docker run` carries on.
    container.start(["pgwraith", *first[-2:]], {"PGPASSWORD": "unused"})
    wait_until("it to carry on", lambda: "carrying on" in container.log(), 30)
    wait_until("ready again", lambda: phase(container, ["pgwraith", "status", "/orders.yaml"]) == "ready", 30)
    # What is executed in a container ends with it, perhaps before it has seen that.
    code, output = container.run(["pgwraith", "abort", "/orders.yaml"])
    case.check(code in (0, -signal.SIGKILL) and container.wait() == 5, f"abort: {code} {output}")
    case.says(output, "aborted: everything that was made for .* is gone")
    case.check_clean()


def run(case):
    why_not = possible()
    if why_not:
        case.notes.append("not run: " + why_not)
        return
    config, job = parts(case)
    kubectl = Kubectl(case, job)
    kubectl.made()
    pod = job["spec"]["template"]["spec"]
    (pgwraith,) = pod["containers"]
    probe = pgwraith["livenessProbe"]["exec"]["command"]
    case.check(pgwraith["securityContext"]["readOnlyRootFilesystem"], "the root is read-only")
    case.check({mount["mountPath"] for mount in pgwraith["volumeMounts"]} == {"/config", "/state"}, "its mounts")
    (never,) = [rule["onExitCodes"]["values"] for rule in job["spec"]["podFailurePolicy"]["rules"] if rule["action"] == "FailJob"]
    case.check(never == [2, 3, 5], f"what is not tried again: {never}")

    case.check(probe == ["pgwraith", "status", CONFIG] and pgwraith["args"] == ["run", CONFIG], "the file that is mounted")
    container = case.closing(Container(case, case.program, {CONFIG: config}))
    environment = {"DB_HOST": "127.0.0.1", "DB_PORT": str(case.server.port), "DB_SSLMODE": "disable", "PGPASSWORD": "unused"}
    words = ["pgwraith", *pgwraith["args"]]
    case.make_reference()
    container.start(words, environment)
    wait_until("ready", lambda: phase(container, probe) == "ready", 30)
    kubectl.exec(container, "status")  # which is the probe, too
    reaps_orphans(case, container)
    container.signal(signal.SIGTERM)
    code = container.wait(10)
    case.check(code == 4, f"SIGTERM: exit {code}\n{container.log()}")
    case.says(container.log(), "the state is kept")

    container.like_a_new_mount()
    container.start(words, environment)
    wait_until("it to carry on", lambda: "carrying on" in container.log(), 30)
    wait_until("ready", lambda: phase(container, probe) == "ready", 30)
    kubectl.exec(container, "cutover")
    kubectl.all_done()
    code = container.wait()
    case.check(code == 0, f"the migration's end: exit {code}\n{container.log()}")
    container.start(words, environment)
    code = container.wait()
    case.check(code == 0, f"started again when it is done: exit {code}\n{container.log()}")
    case.says(container.log(), "has its new shape already")
    case.check_clean()
    case.check_same_schema()
    case.check_same_data()

    # A file that is refused is not tried again: its status is one of those.
    container.close()
    container.write(CONFIG, re.sub("amount", "no_such_column", config))
    container.start(words, environment)
    code = container.wait()
    case.check(code in never, f"a refusal: exit {code}\n{container.log()}")
    container.close()
    interrupts_plan(case, config)
    as_the_documents_call_docker(case)
