"""Headless Chromium, driven through ChromeDriver: plain WebDriver over HTTP."""

import base64
import http.client
import json
import re
import subprocess
import tempfile

from servers import PATIENCE, HarnessError, wait_until

# Without these it looks for its maker's servers at every start.
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
         "--hide-scrollbars"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
TAB, ENTER, ESCAPE, SHIFT = "\ue004", "\ue007", "\ue00c", "\ue008"


class Browser:
    """Thread contract: the case's own thread."""

    def __init__(self, width=1200, height=900, flags=()):
        self._profile = tempfile.TemporaryDirectory(prefix="pgwraith-chromium-")
        self._driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._session = None
        self._port = self._started()
        arguments = [*FLAGS, *flags, f"--window-size={width},{height}", f"--user-data-dir={self._profile.name}"]
        options = {"args": arguments, "binary": "/usr/bin/chromium"}
        answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "acceptInsecureCerts": True, "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self._session = answer["sessionId"]

    def _started(self):
        for line in self._driver.stdout:
            if found := re.search(r"successfully on port (\d+)", line):
                return int(found.group(1))
        raise HarnessError("chromedriver did not start")

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30 * PATIENCE)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None)
            answer = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise HarnessError(f"chromium: {path}: {answer['error']}: {answer['message']}")
        return answer

    def _do(self, method, path, body=None):
        return self._ask(method, f"/session/{self._session}{path}", body)

    def open(self, url):
        self._do("POST", "/url", {"url": url})

    def reload(self):
        self._do("POST", "/refresh", {})

    def run(self, script, *arguments):
        """JavaScript, as the body of a function."""
        return self._do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, css):
        """As it is shown; empty when it is not."""
        return self.run("const e = document.querySelector(arguments[0]); return e ? e.innerText : ''", css)

    def wait(self, what, script, *arguments, timeout=15):
        """Until the script returns something true, which is returned."""
        try:
            return wait_until(what, lambda: self.run(script, *arguments), timeout, 0.05)
        except HarnessError:
            raise HarnessError(f"the page never had: {what}\n{self.text('body')[:2000]}\n{self.messages()}") from None

    def wait_text(self, css, pattern, timeout=15):
        return self.wait(f"{css} with /{pattern}/",
                         "const e = document.querySelector(arguments[0]);"
                         "return e && new RegExp(arguments[1], 'i').test(e.innerText) ? e.innerText : ''", css, pattern,
                         timeout=timeout)

    def click(self, css):
        element = self._do("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]
        self._do("POST", f"/element/{element}/click", {})

    def press(self, *keys):
        """On the keyboard, to whatever has the focus."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def tab_to(self, css):
        """With the tabulator key alone."""
        for _ in range(30):
            if self.run("return document.activeElement.matches(arguments[0])", css):
                return
            self.press(TAB)
        raise HarnessError(f"the keyboard does not reach {css}")

    def emulate(self, width, height, scale=1, mobile=False, dark=False):
        self._cdp("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile})
        self._cdp("Emulation.setEmulatedMedia",
                  {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def _cdp(self, command, parameters):
        return self._do("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def picture(self, path, whole=False):
        shot = self._cdp("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})
        path.write_bytes(base64.b64decode(shot["data"]))

    def messages(self):
        """What the console has since it was asked last: errors of scripts, and what the page's policy forbade."""
        return [entry["message"] for entry in self._do("POST", "/se/log", {"type": "browser"})]

    def close(self):
        try:
            if self._session:
                self._do("DELETE", "")
        except (OSError, HarnessError):
            pass
        self._driver.terminate()
        self._driver.wait()
        self._driver.stdout.close()
        self._profile.cleanup()
