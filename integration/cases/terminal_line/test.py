import re

from program import PHASES
from terminal import Terminal

WIDTH = 110


def check_frames(case, frames):
    """What the line showed, one after the other."""
    last = {}
    for frame in frames:
        phase = frame.split()[0]
        case.check(phase in PHASES, f"it begins with a phase: {frame!r}")
        case.check(len(frame) <= WIDTH - 3, f"it leaves room: {frame!r}")
        for percent in map(float, re.findall(r" ([\d.]+)%", frame)):
            case.check(last.get(phase, 0) <= percent <= 100, f"percent neither falls nor passes 100: {last}, {frame!r}")
            last[phase] = percent


def missing(terminal):
    """What no frame of the copy has shown yet."""
    copied = [frame for frame in terminal.frames() if frame.startswith("copy")]
    return [shown for shown in (r"\[#+-+\]", "rows/s", "ETA", "lag", "pending")
            if not any(re.search(shown, frame) for frame in copied)]


def check_log(case, terminal):
    """What was written for good: the line is no part of it."""
    lines = terminal.lines()
    case.check(not any("[#" in line or "[-" in line for line in lines), f"no progress line is left behind: {lines}")
    case.check(terminal.last_line() == "", f"nor at the end: {terminal.last_line()!r}")
    return "\n".join(lines)


def run(case):
    case.make_reference()
    load = case.workload()
    terminal = case.closing(Terminal(WIDTH))
    run = case.start(terminal=terminal, env={"TERM": "xterm"})
    run.wait_status("all figures of the copy", lambda _: not missing(terminal))
    case.check(run.status()["phase"] == "copy", "it still copies")
    terminal.press(b"\x03")
    case.expect_exit(run, 4)
    terminal.close()
    log = check_log(case, terminal)
    check_frames(case, terminal.frames())
    case.says(log, r"^\d\d:\d\d:\d\d\.\d{3} info: pgwraith", "SIGINT received: stopping, the state is kept", "same command")

    case.release_copy()
    case.write_config(throttle={"idle_ratio": 0}, copy={"workers": 2, "chunk_max_bytes": "64KiB"})
    terminal = case.closing(Terminal(WIDTH))
    run = case.start(terminal=terminal, env={"TERM": "xterm"})
    case.expect_exit(run, 0)
    terminal.close()
    log = check_log(case, terminal)
    check_frames(case, terminal.frames())
    case.says(log, "carrying on", "blocked")
    load.wait_progress()
    case.stop_workload(load)
    case.check_clean()
    case.check_twin()
    case.check_same_schema()
