"""SIGKILL at random times, again and again, in one migration."""

import random
import re
import time

from servers import HarnessError

KILLS = 60
SETTINGS = {"throttle": {"idle_ratio": 3.0}, "copy": {"chunk_max_bytes": "8KiB"}}


def _kill_after(case, seconds, in_copy=False):
    """False when the run ended by itself (0) before. `in_copy`: the seconds count from there, unless it is beyond."""
    run = case.start()
    if in_copy:
        run.wait_status("the copy", lambda now: now["phase"] != "prepare")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if run.exited():
            break
        time.sleep(0.005)
    if run.exited():
        code = run.wait(1)
        if code != 0:
            raise HarnessError(f"exit {code} between kills\n{run.log()[-3000:]}")
        return False
    run.kill()
    return True


def random_kills(case):
    load = case.clients(rate=100)
    chance = random.Random(4)
    kills = 0
    case.slow_in("copy", 0.0002)  # many of them fall into the copy then
    case.write_config(cutover={"mode": "manual"})
    # It cannot end while the cutover waits for a command, so all of these hit something.
    while kills < KILLS - 10:  # at least fifty
        in_copy = kills % 3 == 2  # on a slow machine it would never come so far
        if not _kill_after(case, chance.uniform(0.05, 0.4 if in_copy else 1.0), in_copy):
            raise HarnessError("a manual cutover ended by itself")
        kills += 1
    stood = [int(text.replace(",", "")) for text in re.findall(r"([\d,]+) of [\d,]+ blocks were copied earlier", case.all_logs())]
    case.check(len(set(stood)) >= 3, f"the copy was interrupted several times: {stood}")
    case.check(stood == sorted(stood), f"a chunk that stands is not copied again: {stood}")
    case.write_config()
    ended = False
    while kills < KILLS and not ended:
        ended = not _kill_after(case, chance.uniform(0.3, 1.5))
        kills += not ended
    if not ended:
        run = case.run_to_end()
        rows = max((status["rows_copied"] for status in run.seen), default=0)
        case.check(rows <= 8000 * 1.3, f"no chunk counts twice: {rows} rows copied")
    case.judge(load)
    case.notes.append(f"{kills} kills, blocks standing at each start {stood}")


def tests(_quick):
    return [("kills at random times", random_kills, {"settings": SETTINGS, "timeout": 180})]
