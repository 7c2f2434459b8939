import signal
import subprocess

from servers import HarnessError, PATIENCE, wait_until


class Asked:
    """`pgwraith cutover` (or another command that waits) beside the case."""

    def __init__(self, case, command="cutover"):
        self.path = case.dir / f"{command}.{len(case._closing)}.log"
        with open(self.path, "w", encoding="utf-8") as out:
            # A runner in the background of a shell has SIGINT ignored, and its children inherit that.
            self.process = subprocess.Popen([case.program, command, str(case.config)], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL, cwd=case.dir,
                                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        case.closing(self)

    def close(self):
        self.process.kill()

    def text(self):
        return self.path.read_text()

    def says(self, what):
        wait_until(f"`{what}` in its output", lambda: what in self.text() or self.ended_early(what))

    def ended_early(self, what):
        if self.process.poll() is not None and what not in self.text():
            raise HarnessError(f"it ended before it said `{what}`: {self.text()}")

    def expect(self, code):
        try:
            got = self.process.wait(30 * PATIENCE)
        except subprocess.TimeoutExpired:
            raise HarnessError(f"it still waits: {self.text()}") from None
        if got != code:
            raise HarnessError(f"exit {got}, expected {code}: {self.text()}")


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    case.wait_held(run)

    # Paused: said at once, and nothing happens. Its end by Ctrl-C is not the migration's.
    code, output = case.pgwraith("pause")
    case.check(code == 0, output)
    asked = Asked(case)
    asked.says("paused by the operator")
    code, output = case.pgwraith("status")
    case.says(output, "paused by the operator")
    asked.process.send_signal(signal.SIGINT)
    asked.expect(-signal.SIGINT)
    asked = Asked(case)
    asked.says("paused by the operator")
    # The process stops without a swap.
    run.stop()
    asked.expect(4)
    case.says(asked.text(), "ended without having swapped")

    # Killed while an attempt waits.
    run = case.start()
    case.wait_held(run)
    case.release_copy()
    run.wait_phase("ready", 60)
    reader = case.session()
    reader.run("BEGIN")
    reader.run("SELECT count(*) FROM t")
    asked = Asked(case)
    run.wait_status("an attempt", lambda now: now["cutover_attempts"] >= 1)
    asked.says("was called off")
    run.signal(signal.SIGKILL)
    asked.expect(4)
    reader.run("COMMIT")

    # It had begun to swap: it goes on with that by itself.
    run = case.start()
    case.expect_exit(run, 0)
    case.finish_success(run, [load])

    # Verification of a paused migration, an abort, and a swap.
    case.superuser(f'DROP SCHEMA "{case.old_schemas()[0]}" CASCADE')
    config = case.write_config(sql="", copy={"chunk_max_bytes": "1MiB"}, throttle={"idle_ratio": 0})
    run = case.start(config)
    run.wait_phase("ready")
    case.pgwraith("pause")
    asked = Asked(case, "verify")
    asked.says("paused by the operator")
    case.pgwraith("resume")
    asked.expect(0)
    reader.run("BEGIN")
    reader.run("SELECT count(*) FROM t")
    asked = Asked(case)
    asked.says("was called off")
    code, output = case.pgwraith("abort")
    case.check(code == 0, output)
    asked.expect(5)
    reader.run("COMMIT")
    case.check(run.wait() == 5, "the run was aborted")

    # A rebuild leaves no record: the outcome is known all the same.
    run = case.start(config)
    run.wait_phase("ready")
    code, output = case.pgwraith("cutover", wait=True)
    case.check(code == 0, f"cutover: {code} {output}")
    case.says(output, "swapped: public.t has its new shape: others waited")
    case.expect_exit(run, 0)
    code, output = case.pgwraith("cutover", wait=True)
    case.check(code == 4, f"nothing runs: {code} {output}")
