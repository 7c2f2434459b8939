import catalog_oracle
from case import plan_in

MADE = {"CREATE UNIQUE INDEX later, not unique in a rehearsal", "fill fresh"}
TRIED = {"VALIDATE CONSTRAINT unchecked", "fill c"}
LEFT_OUT = {"build t_bb_key, not unique in a rehearsal"}


def run(case):
    # What stands and is filled would stay so: the twin tells.
    case.psql("UPDATE t SET c = NULL WHERE id = 3; UPDATE twin SET c = NULL WHERE id = 3")
    before = case.server.dump_schema(case.database)
    case.copy_database()
    load = case.workload(name="meanwhile")
    blocker = case.session()
    blocker.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    blocker.run("SELECT 1 FROM twin")
    run = case.start(command="rehearse --json")
    # The index waits for the old snapshot: everything before it was rehearsed, and refuses no row.
    run.wait_status("the index", lambda now: "waiting for pid" in now["activity"])
    case.psql("INSERT INTO t (id, a, b, p) VALUES (1, NULL, 'b2', 1000), (1, 200000, 'b2', NULL)", "app")
    case.check(case.superuser("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname IN ('b', 'gone')") == "2",
               "the application finds its columns")
    case.psql("DELETE FROM t WHERE b = 'b2' AND id = 1", "app")
    blocker.run("COMMIT")
    case.expect_exit(run, 0)
    report = plan_in(run.log())
    how = {step["what"]: step["how"] for step in report["steps"]}
    for names, expected in ((MADE, "made"), (TRIED, "tried"), (LEFT_OUT, "left out")):
        case.check(all(how.get(name) == expected for name in names), f"{names} are {expected}: {how}")
    nulls = [step for step in report["steps"] if step["what"] == "look for rows in which fresh is NULL"]
    case.check(len(nulls) == 1 and nulls[0]["how"] == "made", f"what the new column will have is computed: {nulls}")
    together = [step for step in report["steps"] if "RENAME" in step["what"].upper()]
    case.check(len(together) == 1 and together[0]["how"] == "tried" and together[0]["attempts"] >= 1 and together[0]["blocks_ms"] > 0,
               f"what cannot be made is tried, and measured: {together}")
    case.check(report["succeeded"] and report["way_back_ms"] > 0, f"it came to its end and went back: {report}")
    load.wait_progress()
    case.stop_workload(load)
    case.check_nothing_happened(before)
    catalog_oracle.check(case.server, case.expected, case.database)
    case.check(not case.state_dir.exists(), "no state is left")
    case.check_twin(["SELECT id, a, b, c, p FROM t", "SELECT id, a, b, c, p FROM twin"])
    # For people; rows that are in the way are found before anything is made; then the run.
    case.psql("INSERT INTO t (id, a) VALUES (900000, NULL)")
    code, output = case.pgwraith("rehearse")
    case.check(code == 3, f"rehearse exits 3, not {code}: {output}")
    case.says(output, "with NULL in a")
    case.psql("DELETE FROM t WHERE id = 900000")
    output = case.succeeds("rehearse", timeout=60)
    case.says(output, "only tried: .*would not find the old name", "as it was", "way back")
    case.alter_reference()
    run = case.start()
    case.expect_exit(run, 0)
    case.finish_success(run)
