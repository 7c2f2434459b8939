import json
import subprocess
import threading


def run(case):
    case.make_reference()
    stop, answers = threading.Event(), []

    def ask():
        while not stop.is_set():
            done = subprocess.run([case.program, "status", "--json", str(case.config)], capture_output=True, text=True)
            answers.append((done.returncode, done.stdout, done.stderr))

    askers = [threading.Thread(target=ask) for _ in range(2)]
    try:
        case.wait_held(case.start())
        case.run_.stop()
        case.release_copy()
        for asker in askers:
            asker.start()
        for _ in range(6):
            run = case.start()
            run.wait_status("an answer", lambda now: now["phase"] != "prepare")
            run.stop()
        # Two who would work on it keep each other off all the same.
        run = case.start()
        run.wait_status("an answer", lambda now: now["phase"] != "prepare")
        code, output = case.pgwraith("run", timeout=15)
        case.check(code == 4, f"a second run exits 4, not {code}: {output}")
        run.wait_phase("ready")
    finally:
        stop.set()
        for asker in askers:
            if asker.ident:
                asker.join()
    wrong = [answer for answer in answers if answer[0] not in (0, 4)]
    case.check(not wrong, f"each answer is one: {wrong[:3]}")
    shapes = {}
    for code, text, _ in answers:
        if text:
            known = json.loads(text)
            case.check(known["running"] == (code == 0), f"running or not: {known}")
            case.check(known["error"] is None, f"it can always be read: {known}")
            case.check(isinstance(known["phase"], str), f"the phase is a word: {known}")
            shapes.setdefault(known["running"], set()).update(known)
    case.check(len(shapes) == 2 and shapes[True] == shapes[False], f"the same keys, running or not: {shapes}")
    code, output = case.pgwraith("cutover")
    case.check(code == 0, f"cutover: {output}")
    case.expect_exit(run, 0)
    case.finish_success(run)
