MOMENTS = ("started", "copied", "ready", "before_cutover", "called_off", "after_cutover", "expanded", "contracted", "failed", "aborted")


def run(case):
    told = lambda: (case.dir / "told").read_text().split() if (case.dir / "told").exists() else []
    hooks = {moment: "echo $PGWRAITH_HOOK:$PGWRAITH_WAY >> told" for moment in MOMENTS}
    # No at first.
    hooks["before_cutover"] = "echo $PGWRAITH_HOOK:$PGWRAITH_WAY >> told; mkdir may || exit 0; exit 1"
    case.write_config(hooks=hooks)
    reader = case.session()
    reader.run("BEGIN")
    reader.run("SELECT count(*) FROM t")
    run = case.start()
    # After the yes a lock that somebody holds calls off the attempt, not what was asked for: nobody is told.
    run.wait_until("the lock to be refused", lambda: "is held by pid" in run.log())
    reader.run("COMMIT")
    case.expect_exit(run, 0)
    case.says(run.log(), "the first step that stops readers was called off: the hook before_cutover ended with 1")
    case.check(told() == [f"{moment}:steps" for moment in
                          ("started", "before_cutover", "called_off", "before_cutover", "after_cutover")], f"told: {told()}")
    case.check(case.psql("SELECT count(a) + count(b) FROM t") == "0", "the columns are there")

    (case.dir / "told").unlink()
    (case.dir / "may").rmdir()
    case.write_config(sql="", expand={"big": {"from": "n", "type": "bigint"}}, strategy="auto", hooks=hooks)
    run = case.start()
    case.expect_exit(run, 0)
    case.check([line.split(":")[0] for line in told() if not line.startswith(("before", "called"))] == ["started", "expanded"], f"told: {told()}")
    (case.dir / "told").unlink()
    if (case.dir / "may").exists():
        (case.dir / "may").rmdir()
    reader.run("BEGIN")
    reader.run("SELECT count(*) FROM t")
    run = case.start(command="contract")
    run.wait_until("the lock to be refused", lambda: told().count("called_off:steps") == 2)
    reader.run("COMMIT")
    case.expect_exit(run, 0)
    moments = [line.split(":")[0] for line in told()]
    case.check(moments[:5] == ["started", "before_cutover", "called_off", "before_cutover", "called_off"] and moments[-1] == "contracted"
               and moments.count("before_cutover") == moments.count("called_off") + 1, f"each attempt is asked for, and told: {told()}")

    # A rehearsal is no moment of a migration.
    (case.dir / "told").unlink()
    case.write_config(sql="ALTER TABLE t ADD COLUMN c int", state_dir=str(case.dir / "rehearsal"), hooks=hooks)
    run = case.start(state_dir=case.dir / "rehearsal", command="rehearse")
    case.expect_exit(run, 0)
    case.check(not told(), f"nothing is told: {told()}")
