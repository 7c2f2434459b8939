from answers import documented, post_all

WAIT = "while [ ! -e {0} ]; do sleep 0.02; done; rm {0}"  # of a hook, for a file
WITHOUT = "Without one ("
OTHERS = "A contraction, a rehearsal"


def reader(case):
    """A report: an index that is built or dropped waits for it."""
    session = case.session()
    session.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    session.run("SELECT count(*) FROM t")
    return session


def go(case, file):
    (case.dir / file).touch()


def of_a_rehearsal(case, table):
    case.write_config(sql="CREATE INDEX t_n ON t (n)")
    first = reader(case)
    run = case.start(command="rehearse")
    run.wait_status("the index to wait", lambda now: now["phase"] == "steps" and "waiting for pid" in now["activity"])
    post_all(case, run, table, "rehearsal", but=("abort",))
    second = reader(case)
    first.run("COMMIT")
    run.wait_status("going back", lambda now: now["phase"] == "going_back" and now["activity"])
    post_all(case, run, table, "going_back")
    second.run("COMMIT")
    case.expect_exit(run, 0)
    case.check_clean()


def of_preparing(case, table):
    """The list of steps waits for what a default is; what is paused and postponed is given up."""
    case.write_config(sql="ALTER TABLE t ADD COLUMN s bigint DEFAULT held(5)")
    case.psql("SELECT setval('held', 1)")
    run = case.start()
    run.wait_status("the list of steps", lambda now: now["phase"] == "prepare" and now["way"] == "steps")
    post_all(case, run, table, "prepare", but=("abort",))
    run.post("/pause")
    case.check(run.post("/abort")[0] == 202, "an abort")
    case.expect_exit(run, 5)
    case.psql("SELECT setval('held', 0)")
    case.check_clean()


def of_steps(case, table, others):
    case.write_config()
    first = reader(case)
    run = case.start()
    run.wait_status("the index to wait", lambda now: now["phase"] == "steps" and "waiting for pid" in now["activity"])
    post_all(case, run, table, "steps", but=("abort",))
    run.post("/postpone")
    first.run("COMMIT")
    run.wait_phase("ready")
    post_all(case, run, table, "ready", but=("abort", "cutover"))
    second = reader(case)
    case.check(run.post("/abort")[0] == 202, "an abort")
    run.wait_status("the abort", lambda now: now["aborting"] and "waiting for pid" in now["activity"])
    post_all(case, run, others, "aborting")
    second.run("COMMIT")
    case.expect_exit(run, 5)
    case.check_clean()


def of_the_end(case, table):
    """What ends it is a hook."""
    case.write_config(cutover={"mode": "auto"}, hooks={"after_cutover": WAIT.format("end")})
    run = case.start()
    run.wait_phase("done")
    post_all(case, run, table, "done")
    go(case, "end")
    case.expect_exit(run, 0)
    case.psql("DROP INDEX t_n; ALTER TABLE t DROP COLUMN s")
    case.succeeds("abort")


def of_an_expansion(case, table, others):
    hooks = {"expanded": WAIT.format("expanded"), "before_cutover": WAIT.format("may")}
    big = {"type": "bigint", "up": "held(n)", "down": {"n": "big::int"}}
    case.write_config(sql="", strategy="auto", expand={"big": big}, hooks=hooks, cutover={"mode": "auto"})
    case.psql("SELECT setval('held', 1)")
    run = case.start()
    run.wait_status("the rows to be looked at", lambda now: now["phase"] == "prepare" and now["activity"].startswith("looking for rows"))
    post_all(case, run, table, "prepare", but=("abort",))
    case.check(run.post("/cutover")[0] == 202, "no longer postponed")
    case.psql("SELECT setval('held', 0)")
    run.wait_phase("steps")  # where the first hook is waited for
    case.psql("SELECT setval('held', 1)")
    go(case, "may")
    run.wait_phase("compare")
    post_all(case, run, table, "compare", but=("abort",))
    case.psql("SELECT setval('held', 0)")
    run.wait_phase("expanded")
    post_all(case, run, table, "expanded", but=("abort",))
    run.post("/resume")
    go(case, "expanded")
    case.expect_exit(run, 0)

    case.psql("SELECT setval('held', 1)")
    case._proxy.cut()
    run = case.start(command="contract")
    now = run.wait_status("the server to be missed", lambda now: now["health"] == "trouble" and now["phase"] == "prepare")
    case.check(now["contraction"] and now["way"] == "steps", f"what it is, is known: {now}")
    post_all(case, run, others, "prepare, of `contract", but=("abort",))
    case.check(run.post("/cutover")[0] == 202, "no longer postponed")
    case._proxy.fix()
    run.wait_status("the comparison", lambda now: now["phase"] == "compare")
    post_all(case, run, others, "compare, of `contract", but=("abort",))
    case.check(run.post("/cutover")[0] == 202, "no longer postponed")
    case.psql("SELECT setval('held', 0)")
    run.wait_status("the contraction", lambda now: now["phase"] == "contract")
    post_all(case, run, others, "contract", but=("abort",))
    case.check(run.post("/cutover")[0] == 202, "no longer postponed")
    go(case, "may")
    case.expect_exit(run, 0)


def of_catching_up(case, table):
    """And of its beginning, where the slot waits for a transaction, and its end."""
    case.hold_copy(1)
    case.write_config(sql="ALTER TABLE t ADD COLUMN s bigint", strategy="shadow", values={"s": "held(id::bigint)"},
                      copy={"chunk_max_bytes": "8KiB"}, cutover={"mode": "auto"}, hooks={"after_cutover": WAIT.format("end")})
    case.psql("SELECT setval('held', 1)")
    writer = case.session("migrator")
    writer.run("BEGIN")
    writer.run("SELECT pg_current_xact_id()")
    run = case.start()
    run.wait_phase("prepare")
    post_all(case, run, table, "prepare", but=("abort",))
    case.check(run.post("/cutover")[0] == 202, "no longer postponed")
    writer.run("COMMIT")
    case.wait_held(run)
    case.psql("UPDATE t SET n = n + 1")
    case.release_copy()
    run.wait_phase("catch_up")
    post_all(case, run, table, "catch_up", but=("abort",))
    case.check(run.post("/cutover")[0] == 202, "no longer postponed")
    case.psql("SELECT setval('held', 0)")
    run.wait_phase("done")
    post_all(case, run, table, "done")
    go(case, "end")
    case.expect_exit(run, 0)
    case.psql("ALTER TABLE t DROP COLUMN s")
    case.succeeds("abort")


def run(case):
    shadow, without, others = (documented(case, heading) for heading in ("With a shadow", WITHOUT, OTHERS))
    of_a_rehearsal(case, others)
    of_preparing(case, without)
    of_steps(case, without, others)
    of_the_end(case, without)
    of_catching_up(case, shadow)
    of_an_expansion(case, without, others)
