#!/usr/bin/python3
"""What is under config/ for containers is what the tools take it for: Kubernetes' objects by the models of its own
client, which are made from its OpenAPI schema; the compose file by docker-compose's schema; the Dockerfile's packages
by those that the build needs and the program links with. The system's Python: the models are a Debian package.

    tests/manifests.py [PROGRAM]       without a program what it links with is not looked at
"""

import pathlib
import re
import subprocess
import sys

import yaml
from kubernetes.client import Configuration, models
from kubernetes.utils import parse_quantity

REPO = pathlib.Path(__file__).resolve().parent.parent

# A model of the client looks whether what is required is there, unless it is told not to.
STRICT, LENIENT = Configuration(), Configuration()
LENIENT.client_side_validation = False
GROUPS = {"ConfigMap": "v1", "PersistentVolumeClaim": "v1", "Job": "batch/v1"}

# What Debian's client, made from the API of 1.22, does not have yet and is used here, written as its models are. "!":
# required. It is small on purpose: what the models know is never written here.
NEWER = {
    "V1JobSpec": {"podFailurePolicy": "PodFailurePolicy"},  # 1.26
    "PodFailurePolicy": {"rules!": "list[PodFailurePolicyRule]"},
    "PodFailurePolicyRule": {"action!": "str", "onExitCodes": "PodFailurePolicyOnExitCodes",
                             "onPodConditions": "list[PodFailurePolicyOnPodCondition]"},
    "PodFailurePolicyOnExitCodes": {"containerName": "str", "operator!": "str", "values!": "list[int]"},
    "PodFailurePolicyOnPodCondition": {"type!": "str", "status!": "str"},
}
# The models take any text for these.
ENUMERATIONS = {
    "V1PodSpec.restartPolicy": {"Always", "OnFailure", "Never"},
    "V1PodSecurityContext.fsGroupChangePolicy": {"Always", "OnRootMismatch"},
    "V1SeccompProfile.type": {"Localhost", "RuntimeDefault", "Unconfined"},
    "V1Container.imagePullPolicy": {"Always", "IfNotPresent", "Never"},
    "V1PersistentVolumeClaimSpec.accessModes": {"ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"},
    "PodFailurePolicyRule.action": {"FailJob", "Ignore", "Count"},
    "PodFailurePolicyOnExitCodes.operator": {"In", "NotIn"},
    "PodFailurePolicyOnPodCondition.status": {"True", "False", "Unknown"},
}
QUANTITIES = {"V1ResourceRequirements.limits", "V1ResourceRequirements.requests"}
SIMPLE = {"str": str, "int": int, "bool": bool}


def fields_of(name):
    """Field in YAML: its type, as the models write it."""
    newer = {field.rstrip("!"): kind for field, kind in NEWER.get(name, {}).items()}
    model = getattr(models, name, None)
    if model is None:
        return newer
    return {model.attribute_map[attribute]: kind for attribute, kind in model.openapi_types.items()} | newer


def missing_of(name, value):
    """The required fields that are not there. The models say which are by refusing to be made without."""
    missing = [field[:-1] for field in NEWER.get(name, {}) if field.endswith("!") and field[:-1] not in value]
    model = getattr(models, name, None)
    if model is None:
        return missing
    empty = model(local_vars_configuration=LENIENT)
    empty.local_vars_configuration = STRICT
    for attribute, field in model.attribute_map.items():
        try:
            setattr(empty, attribute, value.get(field))
        except ValueError:
            missing.append(field)
    return missing


def problems_of(value, kind, where, field=""):
    """`field`: as ENUMERATIONS and QUANTITIES name it."""
    if inner := re.fullmatch(r"list\[(.*)\]", kind):
        if not isinstance(value, list):
            return [f"{where}: is no list"]
        return [found for number, one in enumerate(value) for found in problems_of(one, inner[1], f"{where}[{number}]", field)]
    if inner := re.fullmatch(r"dict\(str, (.*)\)", kind):
        if not isinstance(value, dict):
            return [f"{where}: is no mapping"]
        if field in QUANTITIES:
            return [found for key, one in value.items() for found in quantity(one, f"{where}.{key}")]
        return [found for key, one in value.items() for found in problems_of(one, inner[1], f"{where}.{key}")]
    if kind in SIMPLE:
        # (True is an int to Python, not to Kubernetes.)
        if type(value) is not SIMPLE[kind]:
            return [f"{where}: {value!r} is no {kind}"]
        allowed = ENUMERATIONS.get(field, {value})
        return [] if value in allowed else [f"{where}: {value!r} is none of {', '.join(sorted(allowed))}"]
    fields = fields_of(kind)
    if not fields:
        return [f"{where}: the test does not know the type {kind}"]
    if not isinstance(value, dict):
        return [f"{where}: is no mapping"]
    return ([f"{where}.{key}: is missing" for key in missing_of(kind, value)] +
            [f"{where}.{key}: unknown" for key in value if key not in fields] +
            [found for key, one in value.items() if key in fields
             for found in problems_of(one, fields[key], f"{where}.{key}", f"{kind}.{key}")])


def quantity(value, where):
    try:
        parse_quantity(value)
    except ValueError:
        return [f"{where}: {value!r} is no quantity"]
    return []


def kubernetes(path, text):
    found = []
    documents = list(yaml.safe_load_all(text))
    for document in documents:
        where = f"{path.name}: {document.get('kind')}"
        # "batch/v1", "Job": V1Job. (The models themselves want none of the two, and no name.)
        version, kind = str(document.get("apiVersion")).split("/")[-1], document.get("kind")
        model = f"{version.capitalize()}{kind}"
        if GROUPS.get(kind) != document.get("apiVersion") or not hasattr(models, model):
            found.append(f"{where}: unknown kind of {document.get('apiVersion')}")
            continue
        found += problems_of(document, model, where)
        if not document.get("metadata", {}).get("name"):
            found.append(f"{where}.metadata.name: is missing")
    if not found:
        found = names_that_fit(path, documents)
    return found, documents


def that_mistakes_are_found(path, text):
    """The check itself, by a file that is broken in one place."""
    found = []
    for right, wrong, told in (("      containers:\n", "      contianers:\n", "contianers: unknown"),
                               ("backoffLimit: 100", "backoffLimit: many", "backoffLimit: 'many' is no int"),
                               ("{ name: DB_HOST,", "{ nmae: DB_HOST,", "env[0].name: is missing"),
                               ("        - name: pgwraith\n          image", "        - image", "containers[0].name: is missing"),
                               ("operator: In, ", "", "onExitCodes.operator: is missing"),
                               ("restartPolicy: Never", "restartPolicy: Sometimes", "is none of Always, Never"),
                               ("storage: 5Gi", "storage: 5GiB", "is no quantity"),
                               ("apiVersion: batch/v1", "apiVersion: v1", "unknown kind of v1"),
                               ("claimName: ", "claimname: ", "claimName: is missing")):
        broken = text.replace(right, wrong, 1)
        problems = kubernetes(path, broken)[0]
        if broken == text or not any(told in problem for problem in problems):
            found.append(f"{path.name}: with {wrong.strip()!r} the check does not say {told!r}, but {problems}")
    return found


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


def compose_says(text):
    """What docker-compose has against it; empty: nothing."""
    done = subprocess.run(["docker-compose", "--project-directory", str(REPO / "config/compose"), "--file", "-", "config", "--quiet"],
                          input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout.strip() if done.returncode != 0 else ""


def compose():
    text = (REPO / "config/compose/compose.yaml").read_text()
    found = [f"compose.yaml: {said}" for said in [compose_says(text)] if said]
    broken = text.replace("read_only: true", "raed_only: true")
    if broken == text or "raed_only" not in compose_says(broken):
        found.append("compose.yaml: docker-compose does not find an unknown field")
    for service in yaml.safe_load(text)["services"].values():
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
    text = (folder / "migration.yaml").read_text()
    found, migration = kubernetes(folder / "migration.yaml", text)
    found += that_mistakes_are_found(folder / "migration.yaml", text)
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
