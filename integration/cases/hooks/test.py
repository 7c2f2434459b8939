import json
import os
import signal

# Appends what it was told; the list is a program without a shell.
NOTE = """#!/bin/sh
echo "$PGWRAITH_HOOK|$PGWRAITH_TABLE|$PGWRAITH_PHASE|$PGWRAITH_STATE_DIR|$PGWRAITH_EXIT_STATUS|$PGWRAITH_REASON" >> "$(dirname "$0")/told"
echo "noted $PGWRAITH_HOOK $1"
"""


def run(case):
    case.make_reference()
    note = case.dir / "note.sh"
    note.write_text(NOTE)
    note.chmod(0o755)
    refused(case)
    told = lambda: [line.split("|") for line in (case.dir / "told").read_text().splitlines()] if (case.dir / "told").exists() else []
    moments = lambda: [line[0] for line in told()]

    every = {moment: ["./note.sh", "a b"] for moment in ("copied", "ready", "called_off", "after_cutover", "throttled", "failed", "aborted")}
    hooks = {**every, "timeout": "1s", "throttled_after": "1s",
             # A megabyte, and bytes that are no text; what it leaves behind is ended with it.
             "started": "./note.sh; sleep 600 & echo $! > child; env > environment; head -c 1000000 /dev/urandom; yes | head -n 1000",
             # First a no, then one that hangs, then a yes.
             "before_cutover": "./note.sh; n=$(cat tries 2>/dev/null || echo 0); echo $((n + 1)) > tries; "
                               "test $n = 0 && { echo 'not on a Friday' >&2; exit 9; }; test $n = 1 && sleep 600; exit 0"}
    case.write_config(hooks=hooks, throttle={"flag_file": "stop", "idle_ratio": 0}, cutover={"mode": "manual"}, log={"format": "json"})
    run = case.start(env={"SEEN_BY_HOOKS": "yes"})
    case.wait_held(run)
    run.wait_until("the hook to be told", lambda: moments() == ["started"])
    run.wait_until("its end", lambda: "hook started: done" in run.log())
    child = int((case.dir / "child").read_text())
    run.wait_until("its child to be ended", lambda: not running(child))
    environment = (case.dir / "environment").read_text()
    case.check("SEEN_BY_HOOKS=yes" in environment and "PGWRAITH_HOOK=started" in environment, f"environment: {environment}")
    case.check("postgresql://" not in environment and "PASSWORD" not in environment, f"no secret: {environment}")

    (case.dir / "stop").touch()
    run.wait_until("throttled for long", lambda: "throttled" in moments())
    (case.dir / "stop").unlink()
    case.release_copy()
    run.wait_until("ready", lambda: "ready" in moments())
    case.pgwraith("cutover")
    run.wait_status("the veto to be seen", lambda now: "ended with 9: not on a Friday" in now["activity"])
    case.check(case.superuser("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode LIKE '%Exclusive%'") == "0",
               "nothing is locked for a hook that says no")
    case.expect_exit(run, 0)
    case.check(moments() == ["started", "throttled", "copied", "ready", "before_cutover", "called_off", "before_cutover",
                             "called_off", "before_cutover", "after_cutover"], f"each in its moment: {moments()}")
    for line in told():
        case.check(line[1] == "public.t" and line[3] == str(case.state_dir), f"facts: {line}")
    facts = {line[0]: line for line in told()}
    case.check(facts["throttled"][5].endswith("stop is there"), f"why it is throttled: {facts['throttled']}")
    case.check("hooks.timeout" in facts["called_off"][5], f"why it was called off: {facts['called_off']}")
    case.check(facts["ready"][2] == "ready" and facts["after_cutover"][2] == "done", f"phases: {facts}")

    lines = [json.loads(line) for line in run.log().split("\n") if line.startswith("{")]
    of_started = [line for line in lines if line.get("hook") == "started" and "stream" in line]
    case.check(100 < len(of_started) <= 201, f"its output is limited: {len(of_started)}")
    case.check(any(line["message"] == "hook ready: noted ready a b" for line in lines), "output comes to the log")
    case.check(all(line["phase"] and line["table"] == "public.t" for line in lines if "hook" in line), "fields")
    case.check_same_schema()
    case.check_same_data()
    failed_and_aborted(case, every, moments, facts=lambda: {line[0]: line for line in told()})


def running(pid):
    try:
        return ") Z" not in open(f"/proc/{pid}/stat", encoding="utf-8").read()
    except OSError:
        return False


def refused(case):
    """What cannot be started is found out before anything begins."""
    before = case.server.dump_schema(case.database)
    case.write_config(hooks={"ready": ["./missing.sh"], "failed": "./note.sh", "aborted": ["no-such-program"]})
    code, output = case.pgwraith("plan")
    case.check(code == 3, f"plan exits 3, not {code}: {output}")
    case.says(output, r"hooks\.ready: there is no file .*missing\.sh", r"hooks\.aborted: there is no program no-such-program in PATH")
    run = case.start()
    case.expect_exit(run, 3)
    case.says(run.log(), r"hooks\.ready: there is no file")
    case.check((case.dir / "told").read_text().startswith("failed|public.t|prepare|"), "even that is told")
    (case.dir / "told").unlink()
    case.check_nothing_happened(before)


def killed_meanwhile(case, state_dir, every):
    """Nobody is left to end the hook; the next process asks anew."""
    asks = "echo $$ >> asked; [ $(wc -l < asked) -gt 1 ] && exit 1; exec sleep 600"
    config = case.write_config("hangs.yaml", state_dir=str(state_dir), cutover={"mode": "auto"}, hooks={**every, "before_cutover": asks})
    asked = lambda: (case.dir / "asked").read_text().split() if (case.dir / "asked").exists() else []
    run = case.start(config, state_dir)
    run.wait_until("the hook to be asked", asked)
    run.signal(signal.SIGKILL)
    run.wait()
    (first,) = map(int, asked())
    case.check(running(first), "it goes on by itself")
    run = case.start(config, state_dir)
    run.wait_until("the hook to be asked once more", lambda: len(asked()) > 1)
    os.kill(first, signal.SIGKILL)
    case.pgwraith("abort", config=config)
    case.expect_exit(run, 5)
    (case.dir / "told").unlink()


def failed_and_aborted(case, every, moments, facts):
    """The other ends, on the table that is there now: a value that does not fit, then an abort by a second process."""
    case.psql("UPDATE t SET n = 5000000000 WHERE id = 7")
    (case.dir / "told").unlink()
    again = case.dir / "again"
    case.write_config("again.yaml", sql="ALTER TABLE t ALTER COLUMN n TYPE int", state_dir=str(again), hooks=every)
    run = case.start(case.dir / "again.yaml", again)
    case.expect_exit(run, 4)
    case.check(moments() == ["failed"] and facts()["failed"][4] == "4" and "does not fit" in facts()["failed"][5], f"told: {facts()}")
    code, output = case.pgwraith("abort", config=case.dir / "again.yaml")
    case.check(code == 0 and moments() == ["failed", "aborted"], f"abort: {code} {moments()} {output}")

    # SIGTERM ends a hook that runs, and runs no other.
    (case.dir / "told").unlink()
    case.write_config("hangs.yaml", state_dir=str(again), cutover={"mode": "manual"}, hooks={**every, "started": "sleep 600"})
    run = case.start(case.dir / "hangs.yaml", again)
    run.wait_phase("ready")
    run.stop()
    case.check(not moments(), f"nothing was told: {moments()}")
    killed_meanwhile(case, again, every)
    # Aborted while it runs.
    case.write_config("hangs.yaml", state_dir=str(again), cutover={"mode": "manual"}, hooks=every)
    run = case.start(case.dir / "hangs.yaml", again)
    run.wait_phase("ready")
    case.pgwraith("abort", config=case.dir / "hangs.yaml")
    case.expect_exit(run, 5)
    case.check(moments()[-1] == "aborted" and moments().count("aborted") == 1, f"told once: {moments()}")
    case.check_clean()
