import re
import socket


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    case.wait_held(run)
    code, output = case.pgwraith("run", timeout=10)
    case.check(code in (3, 4), f"the same again exits 3 or 4, not {code}: {output}")
    owner = f"process {run.process.pid} on host {re.escape(socket.gethostname())} .since 20.*Z."
    case.says(output, f"another pgwraith runs with this state directory: {owner}")
    other = case.write_config("other.yaml", state_dir=str(case.dir / "other-state"))
    code, output = case.pgwraith("run", timeout=10, config=other)
    case.check(code in (3, 4), f"another state directory exits 3 or 4, not {code}: {output}")
    case.says(output, f"pid {run.process.pid}|process {run.process.pid}", re.escape(socket.gethostname()), "since 20")
    case.check(not run.exited(), "the first goes on")
    code, output = case.pgwraith("abort", timeout=10, config=other)
    case.check(code != 0 and not run.exited(), f"abort from elsewhere leaves a living migration alone: {code} {output}")
    case.release_copy()
    code, output = case.pgwraith("cutover", timeout=10)
    case.check(code == 0, f"the first is told to swap: {output}")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
