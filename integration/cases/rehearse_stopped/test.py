from case import plan_in


def held(case, command):
    run = case.start(command=command)
    case.wait_held(run)
    run.stop()
    return run.log()


def run(case):
    before = case.server.dump_schema(case.database)
    # Stopped: both ways on are said, and nobody takes it for a migration.
    case.says(held(case, "rehearse"), "rehearsal's state is kept", "goes back in the end", "keeps WAL")
    code, output = case.pgwraith("status")
    case.check(code == 4, f"status exits 4, not {code}: {output}")
    case.says(output, "of a rehearsal", "pgwraith rehearse. carries on")
    code, output = case.pgwraith("run")
    case.check(code == 3, f"run exits 3, not {code}: {output}")
    case.says(output, "a rehearsal of .* is not finished", "pgwraith rehearse", "pgwraith abort")
    output = case.succeeds("abort")
    case.says(output, "is as it was")
    case.check_nothing_happened(before)
    # The other way round.
    held(case, "run")
    code, output = case.pgwraith("rehearse")
    case.check(code == 3, f"rehearse exits 3, not {code}: {output}")
    case.says(output, "a migration of .* is not finished", "pgwraith run")
    case.succeeds("abort")
    # Alive, in the copy.
    run = case.start(command="rehearse")
    case.wait_held(run)
    code, answer = run.post("/cutover")
    case.check(code == 409 and "rehearsal" in answer, f"there is no cutover: {code} {answer}")
    code, output = case.pgwraith("status")
    case.says(output, "rehearsal +all but the last step")
    case.succeeds("abort")
    case.expect_exit(run, 5)
    case.check_nothing_happened(before)
    # Rows that are in the way of the index are its outcome.
    run = case.start(command="rehearse --json")
    case.wait_held(run)
    case.release_copy()
    case.expect_exit(run, 5)
    case.says(run.log(), "the rehearsal has failed in phase build", "id=600[12] and id=600[12]", "the table is as it was")
    report = plan_in(run.log())
    case.check(not report["succeeded"] and report["gone_back"] and "t_email" in report["error"], f"so says the report: {report}")
    case.check_nothing_happened(before)
    case.check(not case.state_dir.exists(), "no state is left")
