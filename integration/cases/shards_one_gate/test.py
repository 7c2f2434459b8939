import os
import pathlib
import shlex
import subprocess

import yaml

from documents import command_lines
from program import Run
from servers import PATIENCE, REPO, wait_until

FOLDER = REPO / "config/kubernetes"
# `kubectl exec job/NAME -c CONTAINER -- pgwraith COMMAND FILE …`, where the pods' files are those of directories here; and
# `kubectl apply -f -`, which keeps what it is given.
KUBECTL = """#!/bin/sh
if [ "$*" = "apply -f -" ]; then cat > "%(pods)s/applied.$$"; exit; fi
[ "$1 $3 $4 $5 $6" = "exec -c pgwraith -- pgwraith" ] || { echo "kubectl $*: not understood" >&2; exit 1; }
pod=%(pods)s/${2#job/}
command=$7
[ "$8" = /config/change.yaml ] && [ -d "$pod" ] || exit 1
shift 8
exec %(program)s "$command" "$pod/change.yaml" "$@"
"""


def applied(case, kubectl):
    """What the documents' line makes of shard.yaml: the objects of each shard, by its name."""
    ((_, line),) = command_lines("for shard in ")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=REPO, capture_output=True, text=True, check=False,
                          env={**os.environ, "PATH": f"{kubectl.parent}:{os.environ['PATH']}"})
    case.check(done.returncode == 0, f"{line}: {done}")
    shards = {}
    for file in case.dir.glob("applied.*"):
        kinds = {document["kind"]: document for document in yaml.safe_load_all(file.read_text())}
        (name,) = {document["metadata"]["name"] for document in kinds.values()}
        shards[name] = kinds
    ((_, gate),) = command_lines("config/kubernetes/cutover-all.sh ")
    case.check(shlex.split(gate)[1:] == sorted(shards), f"{gate}: the gate of {sorted(shards)}")
    return shards


def shard_file(case, kinds, number, database):
    pod = case.dir / f"orders-{number}"
    pod.mkdir()
    config = kinds["ConfigMap"]["data"]["change.yaml"]
    config = config.replace(f"dbname=shop_{number}", f"dbname={database}").replace("/state/orders", str(pod / "state"))
    path = pod / "change.yaml"
    path.write_text(config)
    return path


def start(case, path):
    environment = {"DB_HOST": "127.0.0.1", "DB_PORT": str(case.server.port), "DB_SSLMODE": "disable"}
    run = Run(case.program, path, path.parent / "state", path.parent / "run.log", {**os.environ, **environment})
    return case.closing(run)


def retyped(case, database):
    return case.psql("SELECT pg_typeof(amount) FROM orders LIMIT 1", database=database) == "bigint"


def run(case):
    case.copy_database()
    databases = [case.database, case.expected]
    kubectl = case.dir / "bin" / "kubectl"
    kubectl.parent.mkdir()
    kubectl.write_text(KUBECTL % {"pods": case.dir, "program": case.program})
    kubectl.chmod(0o755)
    shards = applied(case, kubectl)
    files = [shard_file(case, shards[f"orders-{number}"], number, database) for number, database in enumerate(databases)]

    runs = [start(case, files[0])]
    runs[0].wait_phase("ready")
    log = case.dir / "gate.log"
    with open(log, "w", encoding="utf-8") as out:
        gate = subprocess.Popen([str(FOLDER / "cutover-all.sh"), "orders-0", "orders-1"], stdout=out, stderr=out,
                                env={**os.environ, "PATH": f"{kubectl.parent}:{os.environ['PATH']}", "PAUSE": "0.1",
                                     "DB_HOST": "127.0.0.1"})
    gate.close = gate.kill
    case.closing(gate)
    wait_until("the gate to wait", lambda: "waits for: orders-1 (no answer)" in pathlib.Path(log).read_text(), 10)
    case.check(not retyped(case, databases[0]), "the shard that is ready waits for the other")
    runs.append(start(case, files[1]))
    code = gate.wait(30 * PATIENCE)
    text = log.read_text()
    case.check(code == 0 and "all are ready" in text, f"the gate: exit {code}\n{text}")
    for number, run_ in enumerate(runs):
        case.check(run_.wait() == 0, run_.log()[-2000:])
        case.says(text, f"orders-{number}: swapped")
        case.check(retyped(case, databases[number]), f"shard {number} is migrated")
    case.check_clean()

    # Nobody runs any more, and nothing is known of a swap: that is no success.
    (files[0].parent / "state" / "done.json").unlink()
    kubectl.write_text(kubectl.read_text().replace('command=$7', 'command=$7\n[ $command != status ] || '
                                                   '{ echo \'  "phase": "ready",\'; exit; }'))
    done = subprocess.run([str(FOLDER / "cutover-all.sh"), "orders-0"], capture_output=True, text=True, timeout=30 * PATIENCE,
                          env={**os.environ, "PATH": f"{kubectl.parent}:{os.environ['PATH']}", "DB_HOST": "127.0.0.1"}, check=False)
    case.check(done.returncode == 1 and "not known to have swapped" in done.stdout, f"{done.returncode} {done.stdout} {done.stderr}")
