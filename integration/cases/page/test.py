from browser import ENTER, ESCAPE, Browser
from web import Stranger, Web, listening

TOKEN = "0123456789abcdef0123456789abcdef"

# All that a page can send to another origin without asking it, and what it has to ask for.
STRANGER = """<!doctype html><title>stranger</title><iframe name="hidden"></iframe><script>
window.heard = [];
const tried = (what) => (text) => window.heard.push(what + ": " + text);
for (const url of URLS) {
  for (const path of ["/pause", "/cutover", "/abort"]) {
    fetch(url + path, {method: "POST", mode: "no-cors"}).then((r) => tried("blind")(r.type), tried("blind"));
    fetch(url + path, {method: "POST", headers: {"X-Any": "1"}}).then((r) => tried("asked")(r.status), tried("asked"));
    navigator.sendBeacon(url + path);
    const form = document.createElement("form");
    Object.assign(form, {method: "post", action: url + path, target: "hidden"});
    document.body.append(form);
    form.submit();
  }
  fetch(url + "/status").then((r) => r.text()).then(tried("READ"), tried("status"));
  const frame = document.createElement("iframe");
  frame.src = url + "/";
  document.body.append(frame);
  const image = new Image();
  image.onload = () => tried("READ")("an image");
  image.onerror = () => tried("image")("no");
  image.src = url + "/icon.svg";
}
</script>"""


def run(case):
    case.make_reference()
    browser = case.closing(Browser())
    logs_in_and_aborts(case, browser)

    load = case.workload()
    case.hold_copy(20)
    run = case.start()
    case.wait_held(run)
    url = listening(run)
    shows_what_runs(case, run, browser, url)
    stranger_can_do_nothing(case, run, browser, url)
    by_keyboard(case, run, browser, url)
    on_a_phone(case, browser)

    case.release_copy()
    browser.wait_text("#headline", "ready for the cutover", timeout=30)
    browser.click("[data-command=cutover]")
    browser.wait_text("#ask-title", "Cut over")
    browser.click("#ask-yes")
    browser.wait_text("#headline", "done: the table has its new shape", timeout=30)
    browser.wait_text("#link", "ended|no connection")
    case.check(browser.run("return [...document.querySelectorAll('#controls button')].every((b) => b.disabled)"),
               "nothing can be pressed when it is over")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])


def logs_in_and_aborts(case, browser):
    config = case.write_config("token.yaml", control={"listen": "127.0.0.1:0", "page": True, "token": "${PGWRAITH_TOKEN}"})
    run = case.start(config, env={"PGWRAITH_TOKEN": TOKEN})
    case.wait_held(run)
    url = listening(run)
    case.check(Web(url).ask("GET", "/status")[0] == 401, "the status needs the token")
    browser.open(url)
    browser.wait_text("#login-title", "token")
    # The dialog has the focus: typed and sent by keyboard.
    browser.press(*"wrong-wrong-wrong", ENTER)
    browser.wait_text("#login-text", "not the right one")
    browser.press(*TOKEN, ENTER)
    browser.wait_text("#headline", "copying")
    case.check(TOKEN not in browser.run("return location.href + document.cookie + document.body.innerHTML"), "it is nowhere else")
    before = browser.wait("a plot", "return document.querySelector('canvas') && document.querySelectorAll('canvas').length")
    browser.reload()
    browser.wait_text("#headline", "copying")
    browser.wait("its plots again", "return document.querySelectorAll('canvas').length >= arguments[0]", before)
    browser.click("[data-command=abort]")
    browser.wait_text("#ask-title", "abort")
    browser.press(ESCAPE)
    browser.wait("the question to go", "return !document.querySelector('#ask').open")
    case.check(not run.exited() and run.status(), "Escape aborts nothing")
    browser.click("[data-command=abort]")
    browser.click("#ask-yes")
    browser.wait_text("#headline", "aborted")
    case.expect_exit(run, 5)
    case.check_clean()
    case.check(TOKEN not in run.log(), "the token is not in the log")
    browser.run("sessionStorage.clear()")


def shows_what_runs(case, run, browser, url):
    browser.open(url)
    browser.wait_text("#table", "public.t")
    browser.wait_text("#headline", "copying")
    browser.wait_text("#phases [aria-current=step]", "copy")
    browser.wait_text("#facts", r"rows copied\s+[1-9]")
    browser.wait_text("#signals", r"commit latency\s+[\d.]+ m?s")
    browser.wait("the share", "return Number(document.querySelector('#progress').getAttribute('aria-valuenow')) > 0")
    names = browser.run("""return [...document.querySelectorAll('button, input, canvas')].filter((e) =>
        !(e.innerText || e.labels?.length || e.getAttribute('aria-label') || e.closest('[aria-hidden], dialog:not([open])') || e.hidden))
        .map((e) => e.outerHTML)""")
    case.check(not names, f"all that can be used has a name: {names}")
    code, headers, _ = Web(url).ask("GET", "/")
    case.check(code == 200 and "frame-ancestors 'none'" in headers["Content-Security-Policy"]
               and "Set-Cookie" not in headers and "Access-Control-Allow-Origin" not in headers, f"headers: {headers}")
    noise = [line for line in browser.messages() if "401" not in line and "CONNECTION_REFUSED" not in line]
    case.check(not noise, f"no script failed, and the policy forbade nothing: {noise}")


def stranger_can_do_nothing(case, run, browser, url):
    urls = [url, url.replace("127.0.0.1", "localhost")]
    stranger = case.closing(Stranger(STRANGER.replace("URLS", str(urls))))
    browser.open(stranger.url)
    heard = browser.wait("all tries", "return window.heard.length >= 16 && window.heard", timeout=20)
    case.check(not [line for line in heard if line.startswith("READ")], f"it has read nothing: {heard}")
    case.check("asked: TypeError" in " ".join(heard), f"what asks first is not allowed: {heard}")
    for headers in ({"Host": "rebound.example.org"}, {"Origin": "http://rebound.example.org"}, {"Origin": "null"},
                    {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site"}):
        code, _, body = Web(url).ask("POST", "/pause", headers=headers)
        case.check(code == 403, f"{headers}: 403, not {code}: {body}")
    status = run.status()
    case.check(status["phase"] == "copy" and not (status["throttled"] or "").startswith("paused"), f"it goes on: {status}")
    case.check(not run.exited(), "it was not aborted")


def by_keyboard(case, run, browser, url):
    browser.open(url)
    browser.wait_text("#headline", "copying")
    browser.tab_to("[data-command=pause]")
    browser.press(ENTER)
    browser.wait_text("#ask-title", "pause")
    browser.tab_to("#ask-yes")
    browser.press(ENTER)
    browser.wait_text("#headline", "paused while copying")
    case.says(run.status()["throttled"], "paused by the operator")
    browser.tab_to("[data-command=resume]")
    browser.press(ENTER)
    browser.wait_text("#headline", "^copying")
    browser.wait_text("#answer", "resumed")


def on_a_phone(case, browser):
    for width in (320, 390):
        browser.emulate(width, 800, scale=2, mobile=True)
        wide = browser.run("""return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right >
            innerWidth + 0.5 && !e.closest('.canvas')).map((e) => e.outerHTML.slice(0, 80))""")
        case.check(not wide and browser.run("return document.documentElement.scrollWidth <= innerWidth"),
                   f"{width} pixels: nothing is cut off at the right: {wide}")
        small = browser.run("""return [...document.querySelectorAll('button')].filter((b) => b.offsetHeight && b.offsetHeight < 40).length""")
        case.check(small == 0, "a thumb can press the buttons")
    browser.emulate(1200, 900)
