import signal

from answers import AT, check_answer, documented, post_all
from asked import Asked

HEADING = "With a shadow table:"


def ask_all(case, phase, but=()):
    """Each command that does not wait, as an operator gives it; then once more where that says something else."""
    for command, row in documented(case, HEADING).items():
        if command in but:
            continue
        words = {"cutover --at": ["cutover", "--at", AT], "set": ["set", "copy.workers=2", "copy.chunk_target=90ms"]}
        code, output = case.pgwraith(*words.get(command, [command]))
        case.check(code in (0, 4), f"{command} in {phase}: {code} {output}")
        check_answer(case, f"{command} in {phase}", row[phase], code == 4, output, "hint:" in output)
        if command in ("pause", "postpone"):
            case.says(case.pgwraith(command)[1], "already")
        if command == "resume":
            case.says(case.pgwraith(command)[1], "it is not paused")


def without_a_process(case):
    for words in ("pause", "resume", "verify", "cutover", "postpone", "set copy.workers=2"):
        code, output = case.pgwraith(*words.split(), wait=True)
        case.check(code == 4, f"{words} without a process: {code} {output}")
        case.says(output, "no process is running for this migration.*has not begun", "hint: .*pgwraith plan")
    code, output = case.pgwraith("abort")
    case.check(code == 0 and "nothing to do" in output, f"abort of nothing: {code} {output}")


def while_copying(case, run):
    ask_all(case, "copy", but=("abort",))
    code, output = case.pgwraith("set", "copy.workers=1", "nonsense")
    case.check(code == 2 and "nothing was changed" in output, f"wrong words change nothing: {output}")
    code, output = case.pgwraith("plan")
    case.check(code == 3, f"plan names what is not finished: {output}")
    case.says(output, "an earlier migration is not finished")
    for command in ("run", "rehearse"):
        code, output = case.pgwraith(command)
        case.check(code == 4 and "another pgwraith runs" in output, f"{command} beside it: {output}")
    run.signal(signal.SIGHUP)
    run.wait_until("the file to be read again", lambda: "was read again" in run.log())
    code, output = case.pgwraith("status")
    case.says(output, "^(well|held): ", "phase +copy", "cutover +manual, 0 attempts; postponed")


def while_building(case, run, shadow):
    """A dump that reads the shadow keeps the build waiting."""
    reader = case.session("migrator")
    reader.run("BEGIN")
    reader.run(f"SELECT count(*) FROM {shadow}")
    case.release_copy()
    run.wait_status("the build to wait", lambda now: now["phase"] == "build" and now["health"] == "waits", 60)
    post_all(case, run, documented(case, HEADING), "build", but=("abort",))
    case.pgwraith("pause")
    reader.run("COMMIT")


def while_verifying(case, run):
    """It is paused, and stays there."""
    run.wait_status("verify", lambda now: now["phase"] == "verify", 60)
    post_all(case, run, documented(case, HEADING), "verify", but=("abort", "pause", "resume"))
    asked = Asked(case, "verify")
    asked.says("held: paused by the operator")
    asked.press_ctrl_c()
    asked.expect(130)
    case.says(asked.text(), "no longer waiting; the verification goes on")
    asked = Asked(case, "verify")
    asked.says("it is being verified already")
    case.pgwraith("resume")
    asked.expect(0)
    case.says(asked.text(), "verified: ")


def while_ready(case, run):
    run.wait_phase("ready")
    post_all(case, run, documented(case, HEADING), "ready", but=("abort", "cutover"))
    run.wait_status("the verification", lambda now: now["phase"] == "ready" and now["verifications"] == 2)
    # What once was silent: a comparison of a migration that is paused. Two wait for it.
    case.pgwraith("pause")
    asked = [Asked(case, "verify"), Asked(case, "verify")]
    for one in asked:
        one.says("held: paused by the operator")
    code, output = case.pgwraith("cutover")
    case.says(output, "after the verification under way", "waiting: paused by the operator")
    code, output = case.pgwraith("postpone")
    case.check(code == 0, output)
    case.pgwraith("resume")
    for one in asked:
        one.expect(0)
    # The server is away: it is said, and what is asked for is noted.
    case._proxy.cut()
    run.wait_status("the outage", lambda now: now["outage"])
    code, output = case.pgwraith("status")
    case.says(output, "^trouble: .*tried again in .*; stops in", "last error +")
    case.check(code == 0, f"status answers all the same: {code}")
    case.says(case.pgwraith("cutover")[1], "waiting for the server")
    case.says(case.pgwraith("postpone")[1], "postponed")
    case._proxy.fix()
    run.wait_status("ready again", lambda now: now["phase"] == "ready" and not now["outage"])


def while_cutting_over(case, run):
    reader = case.session()
    reader.run("BEGIN")
    reader.run("SELECT count(*) FROM t")
    asked = [Asked(case), Asked(case)]
    run.wait_status("an attempt", lambda now: now["phase"] == "cutover" and "called off" in now["activity"])
    for one in asked:
        one.says("waits: attempt ")
    post_all(case, run, documented(case, HEADING), "cutover", but=("abort", "pause", "postpone"))
    asked[0].press_ctrl_c()
    asked[0].expect(130)
    case.says(asked[0].text(), "no longer waiting; the cutover stays asked for")
    case.check(not run.exited(), "the migration goes on")
    case.says(case.pgwraith("postpone")[1], "comes to its end")
    run.wait_status("the postponement", lambda now: now["phase"] == "ready")
    case.says(case.pgwraith("cutover")[1], "postponed no longer|cutover begins now")
    reader.run("COMMIT")
    asked[1].expect(0)
    case.says(asked[1].text(), "swapped: public.t has its new shape")


def run(case):
    case.make_reference()
    load = case.workload(rate=100)
    without_a_process(case)
    run = case.start()
    case.wait_held(run)
    while_copying(case, run)
    while_building(case, run, f"pgwraith_new_{case.psql('SELECT $$t$$::regclass::oid')}.t")
    while_verifying(case, run)
    while_ready(case, run)
    while_cutting_over(case, run)
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
    code, output = case.pgwraith("cutover", wait=True)
    case.check(code == 0 and "has its new shape already, since" in output, f"cutover of what is done: {code} {output}")
    code, output = case.pgwraith("pause")
    case.check(code == 4 and "has its new shape since" in output, f"pause of what is done: {code} {output}")
