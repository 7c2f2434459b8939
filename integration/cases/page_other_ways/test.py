from browser import Browser
from web import listening


def reader(case):
    """A report: an index that is built or dropped waits for it."""
    session = case.session()
    session.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    session.run("SELECT count(*) FROM t")
    return session


class Page:
    def __init__(self, case, browser, run):
        self.case, self.browser = case, browser
        browser.open(listening(run))

    def shows(self, headline, kind, phases):
        self.browser.wait_text("#headline", headline)
        self.browser.wait_text("#kind", f"^{kind}$")
        shown = self.browser.run("return [...document.querySelectorAll('#phases li')].map((e) => e.textContent)")
        self.case.check(shown == phases, f"the phases of {kind}: {shown}")

    def offers(self, *labels):
        """Buttons that can be pressed."""
        self.browser.wait(f"the buttons {labels}", """return arguments[0] === [...document.querySelectorAll('#controls button')]
            .filter((b) => !b.hidden && !b.disabled).map((b) => b.textContent).join()""", ",".join(labels))

    def presses(self, command, question, text):
        self.browser.click(f"[data-command={command}]")
        self.browser.wait_text("#ask-title", question)
        self.browser.wait_text("#ask-text", text)
        self.browser.click("#ask-yes")


def of_a_rehearsal(case, browser):
    case.write_config(sql="CREATE INDEX t_n ON t (n)")
    report = reader(case)
    run = case.start(command="rehearse")
    page = Page(case, browser, run)
    page.shows("waiting while making the change", "rehearsal, steps on the table", ["prepare", "steps", "going back", "done"])
    page.offers("Pause", "Abort")
    page.presses("abort", "End the rehearsal", "stays as it is")
    page.shows("aborting|going back", "rehearsal, steps on the table", ["prepare", "steps", "going back", "done"])
    page.offers()
    report.run("COMMIT")
    case.expect_exit(run, 5)
    case.check_clean()


def of_steps(case, browser):
    phases = ["prepare", "steps", "ready", "done"]
    case.write_config(values={"s": "held(id)"})
    case.psql("SELECT setval('held', 1)")
    run = case.start()
    page = Page(case, browser, run)
    page.shows("ready for the step that stops readers", "steps on the table", phases)
    page.offers("Pause", "Go on", "Postpone", "Abort")
    page.presses("cutover", "Go on", "stop readers")
    page.shows(r"^making the change, \d", "steps on the table", phases)
    browser.wait_text("#detail", r"pass 1: [\d,]+ rows filled")
    facts = browser.run("return document.querySelector('#facts').textContent")
    case.check("object" not in facts and "undefined" not in facts and "changes pending" not in facts, f"only what there is: {facts}")
    page.presses("pause", "Pause", "nothing else begins")
    browser.wait_text("#headline", "paused while making the change")
    browser.click("[data-command=resume]")
    case.psql("SELECT setval('held', 0)")
    browser.wait_text("#headline", "done: the table has its new shape")
    case.expect_exit(run, 0)
    case.psql("DROP INDEX t_n; ALTER TABLE t DROP COLUMN s")
    case.succeeds("abort")


def of_an_expansion(case, browser):
    big = {"type": "bigint", "up": "held(n)", "down": {"n": "big::int"}}
    hook = "while [ ! -e may ]; do sleep 0.02; done"
    case.write_config(sql="", strategy="auto", expand={"big": big}, hooks={"before_cutover": hook}, cutover={"mode": "auto"})
    run = case.start()
    page = Page(case, browser, run)
    browser.wait_text("#headline", "the change|step that stops")
    case.psql("SELECT setval('held', 1)")
    (case.dir / "may").touch()
    page.shows("making the change|comparing", "expansion", ["prepare", "steps", "compare", "expanded"])
    case.psql("SELECT setval('held', 0)")
    browser.wait_text("#headline", "expanded|done")
    case.expect_exit(run, 0)

    (case.dir / "may").unlink()
    case.psql("SELECT setval('held', 1)")
    run = case.start(command="contract")
    page = Page(case, browser, run)
    page.shows("^comparing", "contraction", ["prepare", "compare", "contract", "done"])
    page.offers("Pause", "Contract", "Postpone", "Abort")
    page.presses("postpone", "Postpone the contraction", "old columns stay")
    case.psql("SELECT setval('held', 0)")
    (case.dir / "may").touch()
    run.wait_status("the contraction to wait", lambda now: now["phase"] == "ready" and now["swap"])
    page.presses("cutover", "Contract", "cannot be taken back")
    browser.wait_text("#headline", "done: the table has its new shape")
    case.expect_exit(run, 0)


def run(case):
    browser = case.closing(Browser())
    of_a_rehearsal(case, browser)
    of_steps(case, browser)
    of_an_expansion(case, browser)
    noise = [line for line in browser.messages() if "CONNECTION_REFUSED" not in line and "ERR_" not in line]
    case.check(not noise, f"no script failed: {noise}")
