#!/usr/bin/env python3
"""What is under config/ for containers is what the tools take it for: Kubernetes' objects by the fields of its API,
the compose file by docker-compose, the Dockerfile's packages by those that the build needs and the program links with.

    tests/manifests.py [PROGRAM]       without a program what it links with is not looked at
"""

import pathlib
import re
import subprocess
import sys

import yaml

REPO = pathlib.Path(__file__).resolve().parent.parent

# The fields that are used here, as Kubernetes 1.31's API reference has them. A name that is not here is an error: it is
# misspelt, or is to be looked up and added. "!": required. A set is an enumeration, a list one of its element.
TEXTS = {str: str}
METADATA = {"name!": str, "labels": TEXTS, "annotations": TEXTS}
QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?")
LIMITS = {"cpu": QUANTITY, "memory": QUANTITY, "storage": QUANTITY}
RESOURCES = {"requests": LIMITS, "limits": LIMITS}
PROBE = {"exec!": {"command!": [str]}, "initialDelaySeconds": int, "periodSeconds": int, "timeoutSeconds": int,
         "failureThreshold": int, "successThreshold": int}
CONTAINER = {
    "name!": str, "image!": str, "imagePullPolicy": {"Always", "IfNotPresent", "Never"}, "command": [str], "args": [str],
    "env": [{"name!": str, "value": str, "valueFrom": {"secretKeyRef": {"name!": str, "key!": str, "optional": bool}}}],
    "volumeMounts": [{"name!": str, "mountPath!": str, "readOnly": bool, "subPath": str}],
    "securityContext": {"allowPrivilegeEscalation": bool, "readOnlyRootFilesystem": bool, "runAsUser": int,
                        "capabilities": {"drop": [str], "add": [str]}},
    "resources": RESOURCES, "startupProbe": PROBE, "livenessProbe": PROBE, "readinessProbe": PROBE,
}
POD = {
    "restartPolicy!": {"Never", "OnFailure"}, "terminationGracePeriodSeconds": int, "automountServiceAccountToken": bool,
    "securityContext": {"runAsNonRoot": bool, "runAsUser": int, "runAsGroup": int, "fsGroup": int,
                        "fsGroupChangePolicy": {"OnRootMismatch", "Always"},
                        "seccompProfile": {"type!": {"RuntimeDefault", "Localhost", "Unconfined"}}},
    "containers!": [CONTAINER],
    "volumes": [{"name!": str, "configMap": {"name!": str, "optional": bool}, "secret": {"secretName!": str},
                 "persistentVolumeClaim": {"claimName!": str, "readOnly": bool}, "emptyDir": {}}],
}
FAILURE_RULE = {
    "action!": {"FailJob", "Ignore", "Count"},
    "onExitCodes": {"containerName": str, "operator!": {"In", "NotIn"}, "values!": [int]},
    "onPodConditions": [{"type!": str, "status!": {"True", "False", "Unknown"}}],
}
KINDS = {
    ("v1", "ConfigMap"): {"data": TEXTS},
    ("v1", "PersistentVolumeClaim"): {"spec!": {
        "accessModes!": [{"ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"}],
        "storageClassName": str, "resources!": RESOURCES}},
    ("batch/v1", "Job"): {"spec!": {
        "backoffLimit": int, "completions": int, "parallelism": int, "activeDeadlineSeconds": int,
        "ttlSecondsAfterFinished": int, "podReplacementPolicy": {"Failed"}, "podFailurePolicy": {"rules!": [FAILURE_RULE]},
        "template!": {"metadata": {key.rstrip("!"): kind for key, kind in METADATA.items()}, "spec!": POD}}},
}


def problems_of(value, kind, where):
    if isinstance(kind, type):
        # (True is an int to Python, not to Kubernetes.)
        return [] if type(value) is kind else [f"{where}: {value!r} is no {kind.__name__}"]
    if isinstance(kind, set):
        return [] if value in kind else [f"{where}: {value!r} is none of {', '.join(sorted(kind))}"]
    if isinstance(kind, re.Pattern):
        return [] if kind.fullmatch(str(value)) else [f"{where}: {value!r} is no quantity"]
    if isinstance(kind, list):
        if not isinstance(value, list):
            return [f"{where}: is no list"]
        return [found for number, one in enumerate(value) for found in problems_of(one, kind[0], f"{where}[{number}]")]
    if not isinstance(value, dict):
        return [f"{where}: is no mapping"]
    if kind == TEXTS:
        return [found for key, one in value.items() for found in problems_of(one, str, f"{where}.{key}")]
    known = {key.rstrip("!"): inner for key, inner in kind.items()}
    missing = [key[:-1] for key in kind if key.endswith("!") and key[:-1] not in value]
    return ([f"{where}.{key}: is missing" for key in missing] + [f"{where}.{key}: unknown" for key in value if key not in known] +
            [found for key, one in value.items() if key in known for found in problems_of(one, known[key], f"{where}.{key}")])


def kubernetes(path, text):
    found = []
    documents = list(yaml.safe_load_all(text))
    for document in documents:
        where = f"{path.name}: {document.get('kind')}"
        kind = KINDS.get((document.get("apiVersion"), document.get("kind")))
        if kind is None:
            found.append(f"{where}: unknown kind of {document.get('apiVersion')}")
        else:
            found += problems_of(document, {"apiVersion!": str, "kind!": str, "metadata!": METADATA, **kind}, where)
    if not found:
        found = names_that_fit(path, documents)
    return found, documents


def names_that_fit(path, documents):
    """What one object names is there, and the policy names the container that there is."""
    found = []
    there = {(document["kind"], document["metadata"]["name"]) for document in documents}
    for job in (document["spec"] for document in documents if document["kind"] == "Job"):
        pod = job["template"]["spec"]
        volumes = {volume["name"] for volume in pod["volumes"]}
        for volume in pod["volumes"]:
            for kind, key, name in (("ConfigMap", "configMap", "name"), ("PersistentVolumeClaim", "persistentVolumeClaim", "claimName")):
                if key in volume and (kind, volume[key][name]) not in there:
                    found.append(f"{path.name}: there is no {kind} {volume[key][name]}")
        for container in pod["containers"]:
            found += [f"{path.name}: there is no volume {mount['name']}" for mount in container["volumeMounts"]
                      if mount["name"] not in volumes]
        names = {container["name"] for container in pod["containers"]}
        found += [f"{path.name}: podFailurePolicy: there is no container {rule['onExitCodes']['containerName']}"
                  for rule in job["podFailurePolicy"]["rules"]
                  if "onExitCodes" in rule and rule["onExitCodes"]["containerName"] not in names]
        if pod["restartPolicy"] != "Never":
            found.append(f"{path.name}: podFailurePolicy needs restartPolicy: Never")
    return found


def same_but_for_names(one, other):
    """A shard is run as one migration is."""
    def job(documents):
        (found,) = [document for document in documents if document["kind"] == "Job"]
        text = yaml.safe_dump(found["spec"])
        return re.sub(r"orders-(migration|SHARD)", "NAME", re.sub(r"db(-SHARD)?\.internal", "HOST", text))
    one, other = job(one), job(other)
    other = other.replace("    labels:\n      app: NAME\n", "").replace("      labels:\n        app: NAME\n", "")
    return [] if one == other else ["shard.yaml: its Job differs from migration.yaml's in more than names:\n"
                                    f"{one}\n--- and\n{other}"]


def compose():
    done = subprocess.run(["docker-compose", "--file", str(REPO / "config/compose/compose.yaml"), "config", "--quiet"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    found = [] if done.returncode == 0 else [f"compose.yaml: {done.stdout.strip()}"]
    for service in yaml.safe_load((REPO / "config/compose/compose.yaml").read_text())["services"].values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            if source.startswith(".") and not (REPO / "config/compose" / source).exists():
                found.append(f"compose.yaml: there is no {source}")
    return found


def packages(text):
    return set(re.findall(r"\b[a-z][a-z0-9.+-]+\b", text))


def dockerfile(program):
    stages = re.findall(r"apt-get install -y --no-install-recommends \\\n(.*?) && rm", (REPO / "Dockerfile").read_text(), re.DOTALL)
    build, runtime = (packages(stage.replace("\\", " ")) for stage in stages)
    setup = packages(re.search(r"\[build\]=\"(.*?)\"", (REPO / "tests/setup.sh").read_text(), re.DOTALL).group(1))
    found = [f"Dockerfile: tests/setup.sh has the package {name} for the build" for name in setup - build - {"libgtest-dev", "libgmock-dev"}]
    found += [f"Dockerfile: tests/setup.sh has no package {name} for the build" for name in build - setup]
    if program:
        linked = linked_packages(program)
        # Of the base image.
        linked -= {"libc6", "libgcc-s1", "libstdc++6"}
        found += [f"Dockerfile: the program links with {name}" for name in linked - runtime]
        found += [f"Dockerfile: nothing links with {name}" for name in runtime - linked - {"ca-certificates"}]
    return found


def linked_packages(program):
    dynamic = subprocess.run(["readelf", "--dynamic", program], capture_output=True, text=True, check=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    paths = dict(re.findall(r"(\S+) => (\S+)", subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout))
    owners = set()
    for library in needed:
        if library in paths:
            path = pathlib.Path(paths[library])
            for name in (path, path.resolve(), pathlib.Path("/usr") / path.relative_to("/")):
                owner = subprocess.run(["dpkg", "-S", str(name)], capture_output=True, text=True, check=False)
                if owner.returncode == 0:
                    owners.add(owner.stdout.split(":")[0])
                    break
    return owners


def main():
    folder = REPO / "config/kubernetes"
    found, migration = kubernetes(folder / "migration.yaml", (folder / "migration.yaml").read_text())
    more, shard = kubernetes(folder / "shard.yaml", (folder / "shard.yaml").read_text())
    found += more or same_but_for_names(migration, shard)
    found += compose()
    found += dockerfile(sys.argv[1] if len(sys.argv) > 1 else None)
    for problem in found:
        print(problem)
    print(f"manifests: {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
