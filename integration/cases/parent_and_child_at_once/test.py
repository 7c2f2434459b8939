import threading

from servers import PATIENCE

VALID = "SELECT convalidated FROM pg_constraint WHERE conname = 'c_p_fkey' AND conrelid = 'c'::regclass AND confrelid = 't'::regclass"
CHILD_SQL = "ALTER TABLE c ALTER id TYPE bigint, ALTER p TYPE bigint"


def run(case):
    case.make_reference()
    child = {"table": "public.c", "sql": CHILD_SQL, "state_dir": str(case.dir / "child")}
    config = case.write_config("child.yaml", **child)
    runs = [case.start(), case.start(config, case.dir / "child")]
    for run in runs:
        run.wait_phase("ready")
    load = case.workload()
    cutovers = [threading.Thread(target=case.pgwraith, args=("cutover",), kwargs={"config": one}) for one in (case.config, config)]
    for cutover in cutovers:
        cutover.start()
    for cutover in cutovers:
        cutover.join()
    for run in runs:
        case.expect_exit(run, 0)
    load.wait_progress()
    case.stop_workload(load)
    slowest = load.latencies_ms()[-1]
    case.notes.append(f"slowest transaction {slowest:.0f} ms")
    case.check(slowest < 1000 * PATIENCE, f"no client waited for a second: {slowest} ms")
    case.check(case.superuser(VALID) == "t", "the key is valid after both")
    case.check(case.superuser("SELECT count(*) FROM c") == case.superuser("SELECT count(*) FROM t"), "no row is lost")
    case.check_same_schema()
    case.check_clean()
