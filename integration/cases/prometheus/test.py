import json
import re
import subprocess
from pathlib import Path

from scraped import Prometheus
from servers import REPO
from web import listening

RULES = REPO / "config/prometheus/alerts.yml"
FIXTURES = Path(__file__).parent / "alerts_test.yml"


def promtool(case, *arguments, text=None):
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, check=False)
    case.check(done.returncode == 0, f"promtool {' '.join(arguments)}: {done.stdout}{done.stderr}")


def run(case):
    checks = [subprocess.Popen(["promtool", *what], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
              for what in (["check", "rules", str(RULES)], ["test", "rules", str(FIXTURES)])]
    try:
        scrape(case)
    finally:
        outputs = [check.communicate()[0] for check in checks]
    for check, output in zip(checks, outputs):
        case.check(check.returncode == 0, f"{check.args}: {output}")


def scrape(case):
    case.write_config(control={"listen": "127.0.0.1:0"})
    run = case.start()
    prometheus = case.closing(Prometheus(case.dir / "prometheus", [listening(run).partition("//")[2]], RULES))
    case.wait_held(run)
    promtool(case, "check", "metrics", text=run.get("/metrics")[1])

    # Alive and ready; paused is still ready.
    for path in ("/healthz", "/readyz"):
        status, body = run.get(path)
        case.check(status == 200 and "in phase copy" in json.loads(body)["message"], f"{path}: {status} {body}")
    run.post("/pause")
    status, body = run.get("/readyz")
    case.check(status == 200 and "paused" in body, f"/readyz while paused: {status} {body}")
    prometheus.wait("pgwraith_paused == 1")
    prometheus.wait("pgwraith_slot == 1")
    run.post("/resume")

    # The server goes away: the process lives, and is not ready.
    case._proxy.cut()

    def says_why():
        status, body = run.get("/readyz")
        return status == 503 and json.loads(body)["error"].startswith("trying again")

    run.wait_until("not to be ready, and why", says_why)
    case.check(run.get("/healthz")[0] == 200, "it lives all the same")
    prometheus.wait("pgwraith_ready == 0")
    case._proxy.fix()
    prometheus.wait("pgwraith_ready == 1")
    case.release_copy()

    case.expect_exit(run, 0)
    # What ends at once would leave an alert behind.
    case.check(prometheus.ask('last_over_time(pgwraith_slot[1m])')[0]["value"][1] == "0", "the last scrape has seen its end")
    case.check(prometheus.ask('last_over_time(pgwraith_phase{phase="done"}[1m]) == 1'), "it was seen to be done")
    check_queries(case, prometheus)


def check_queries(case, prometheus):
    """Each query of dashboard and alerts is understood, and asks for what there is."""
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    names = {rule["name"] for rule in rules}
    fixtures = FIXTURES.read_text()
    firing = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts:\n", fixtures))
    case.check(names and names <= firing, f"each alert is seen to fire: {names - firing}")
    for rule in rules:
        case.check(rule["health"] == "ok", f"{rule['name']}: {rule.get('lastError')}")

    dashboard = json.loads((REPO / "config/grafana/pgwraith.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [annotation["expr"] for annotation in dashboard["annotations"]["list"]]
    known = set(prometheus.get("label/__name__/values"))
    used = set()
    for query in asked + [rule["query"] for rule in rules]:
        for variable, value in (("$job", ".*"), ("$table", ".*"), ("$__rate_interval", "10s"), ("$__range", "1m")):
            query = query.replace(variable, value)
        case.check("$" not in query, f"a variable that the test does not know: {query}")
        prometheus.ask(query)
        used |= set(re.findall(r"\b(?:pgwraith|process)_\w+", query))
    case.check(len(used) > 20, f"metrics were found in the queries: {used}")
    case.check(used <= known, f"there is no such metric: {used - known}")
    # And back: what there is can be seen, or is told in the documents.
    documented = (REPO / "docs/monitoring.md").read_text()
    missing = {name for name in known if name.startswith("pgwraith_") and f"`{name}`" not in documented
               and not name.startswith("pgwraith_signal_")}
    case.check(not missing, f"docs/monitoring.md does not name {missing}")
    case.notes.append(f"{len(asked)} queries of the dashboard, {len(rules)} of the alerts")
