"""What the cases of rehearsals that die share."""

import signal


def dies_at(case, point):
    run = case.start(env={"PGWRAITH_CRASH_AT": point}, command="rehearse")
    case.check(run.wait() == -signal.SIGKILL, f"it dies at {point}: {run.log()[-2000:]}")


def is_not_run_over(case, point):
    code, output = case.pgwraith("run")
    case.check(code == 3, f"{point}: run exits 3, not {code}: {output}")


def ends_by(case, point, command):
    """Carries it on (`rehearse`) or goes back at once (`abort`). Returns what the command printed."""
    code, output = case.pgwraith(command, timeout=60)
    case.check(code == 0, f"{point}: {command} exits 0, not {code}: {output}")
    case.says(output, "as it was")
    return output


def left_nothing(case, point, before):
    case.check_nothing_happened(before)
    case.check(not case.state_dir.exists() or not any(case.state_dir.iterdir()), f"{point}: no state is left")
