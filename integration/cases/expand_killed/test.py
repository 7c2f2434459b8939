import signal

MAKING = ["begin.identity", "direct.list", "direct.steps", "step.intent", "step.locked", "step.committed", "step.done",
          "fill.chunk:2", "step.begun", "step.begun:2", "step.committed", "step.done:3", "step.begun:3", "expand.compared",
          "expand.expanded"]
CONTRACTING = ["contract.begun", "step.intent", "step.locked", "step.committed", "finish.recorded"]


def killed_at(case, command, points):
    """One process after the other; what one has done the next finds. Returns how many died."""
    died = 0
    for point in points:
        run = case.start(env={"PGWRAITH_CRASH_AT": point}, command=command)
        if run.wait(60) == -signal.SIGKILL:
            died += 1
        else:
            case.check(run.process.returncode == 0, f"at {point}: {run.log()[-2000:]}")
            break
    return died


def aborted_halfway(case):
    """The phase is still that old and new stand side by side; they do not."""
    before = case.server.dump_schema(case.database)
    case.expect_exit(case.start(), 0)
    code, output = case.pgwraith("abort", env={"PGWRAITH_CRASH_AT": "step.undone:2"})
    case.check(code == -signal.SIGKILL, f"abort dies, not {code}: {output}")
    for command in ("contract", "run", "plan"):
        code, output = case.pgwraith(command)
        case.check(code == 3, f"{command} refuses, not {code}: {output}")
        case.says(output, "is being taken back")
    code, output = case.pgwraith("status")
    case.check(code == 4, f"status exits 4, not {code}")
    case.says(output, "an abort has begun", "old versions of the application only: ")
    case.says(case.succeeds("abort"), "as it was")
    case.check_nothing_happened(before)


def run(case):
    aborted_halfway(case)
    case.copy_database()
    case.alter_reference()
    load = case.workload(name="old", clients=2, rate=100)
    died = killed_at(case, "run", MAKING)
    case.check(died >= 12, f"killed {died} times")
    case.expect_exit(case.start(), 0)
    case.stop_workload(load)
    case.check(case.superuser("SELECT count(*) FROM t WHERE (language, parent_id, handle) IS DISTINCT FROM "
                              "(lang, parent, username)") == "0", "old and new agree")
    died = killed_at(case, "contract", CONTRACTING)
    case.check(died == len(CONTRACTING), f"contract killed {died} times")
    got, output = case.pgwraith("contract")
    case.check(got == 0, f"contract exits 0: {output}")
    case.check_clean()
    case.check_same_schema()
