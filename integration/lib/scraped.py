"""A Prometheus of the test's own that scrapes migrations over TCP (`control.listen`)."""

import http.client
import json
import subprocess
import urllib.parse

from servers import HarnessError, free_port, wait_until


class Prometheus:
    def __init__(self, directory, targets, rules):
        directory.mkdir()
        self.port = free_port()
        config = {"global": {"scrape_interval": "300ms", "scrape_timeout": "300ms", "evaluation_interval": "1s"},
                  "rule_files": [str(rules)],
                  "scrape_configs": [{"job_name": "pgwraith", "static_configs": [{"targets": list(targets)}]}]}
        (directory / "prometheus.yml").write_text(json.dumps(config))
        self._log = open(directory / "log", "w", encoding="utf-8")
        self._process = subprocess.Popen(
            ["prometheus", f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--storage.tsdb.retention.time=1h"],
            stdout=self._log, stderr=self._log, cwd=directory)
        wait_until("Prometheus to be ready", self._is_ready)

    def _is_ready(self):
        if self._process.poll() is not None:
            raise HarnessError(f"prometheus ended: {open(self._log.name, encoding='utf-8').read()[-2000:]}")
        try:
            return self._request("/-/ready")[0] == 200
        except OSError:
            return False

    def _request(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def get(self, path):
        status, body = self._request("/api/v1/" + path)
        answer = json.loads(body)
        if status != 200 or answer["status"] != "success":
            raise HarnessError(f"Prometheus: {path}: {status} {body[:1000]}")
        return answer["data"]

    def ask(self, query):
        """The series that a query gives now."""
        return self.get("query?" + urllib.parse.urlencode({"query": query}))["result"]

    def wait(self, query):
        return wait_until(f"Prometheus to answer {query}", lambda: self.ask(query), pause=0.1)

    def close(self):
        self._process.kill()
        self._process.wait()
        self._log.close()
