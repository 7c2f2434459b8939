import json

import catalog_oracle
from case import plan_in
from servers import PATIENCE

FILES = ("SELECT json_agg(json_build_array(c.oid, c.relname, c.relfilenode) ORDER BY c.oid) FROM pg_class c"
         " WHERE c.relnamespace = 'public'::regnamespace")
PHASES = {"prepare", "copy", "build", "catch_up", "verify", "ready", "cutover"}


def rehearse(case, config, before, files):
    # What was done before it stays recorded.
    case.state_dir.mkdir(exist_ok=True, mode=0o700)
    (case.state_dir / "done.json").write_text(json.dumps({"table": "another"}))
    run = case.start(config, command="rehearse --json")
    run.wait_status("it says that it is a rehearsal", lambda now: now["rehearsal"])
    case.expect_exit(run, 0)
    report = plan_in(run.log())
    case.check(report["succeeded"] and report["gone_back"], f"it came to its end and went back: {report}")
    case.check(set(report["phase_ms"]) == PHASES, f"each phase has its time: {report['phase_ms']}")
    step = report["steps"][0]
    case.check(step["how"] == "tried" and step["attempts"] >= 1, f"the swap was tried: {step}")
    parts = step["parts_ms"]
    case.check(all(took > 0 for took in parts.values()), f"each part of it took its time: {parts}")
    case.check(0 < step["blocks_ms"] <= 1000 * (1 + 0.05 * PATIENCE), f"it would block for less than max_blocked: {step}")
    # The locks may take several rounds, between which nobody waits: what blocks is the longest one, to the end.
    case.check(step["waited_ms"] == parts["locks"] and step["blocks_ms"] <= sum(parts.values()) + 1, f"it is no more than its parts: {step}")
    case.check(report["way_back_ms"] > 0, f"so has the way back: {report}")
    case.notes.append(f"would block {step['blocks_ms']:.1f} ms")
    case.check_nothing_happened(before)
    catalog_oracle.check(case.server, case.expected, case.database)
    case.check(case.superuser(FILES) == files, "each relation has its OID and its file")
    left = sorted(path.name for path in case.state_dir.iterdir())
    case.check(left == ["done.json"], f"nothing of it is in the state directory: {left}")
    (case.state_dir / "done.json").unlink()
    case.state_dir.rmdir()


def run(case):
    before = case.server.dump_schema(case.database)
    case.copy_database()
    files = case.superuser(FILES)
    load = case.workload(name="meanwhile")
    # It waits for no command.
    rehearse(case, case.write_config("manual.yaml", cutover={"mode": "manual"}), before, files)
    rehearse(case, case.config, before, files)
    case.stop_workload(load)
    longest = load.latencies_ms(own=True)[-1]
    case.notes.append(f"longest transaction {longest:.0f} ms")
    case.check(longest < 1500 * PATIENCE, f"no client waited long: {longest} ms")
    case.check_twin()
    # For people; and the run is as if nothing had been.
    code, output = case.pgwraith("rehearse")
    case.check(code == 0, f"exit 0, not {code}: {output}")
    case.says(output, "was rehearsed: all but the swap", "as it was", r"way back +\d", r"the swap +tried .* \d+ statements")
    case.check(not case.state_dir.exists(), "the directory that it made is gone")
    case.alter_reference()
    load = case.workload(name="after")
    run = case.start()
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
    code, output = case.pgwraith("rehearse")
    case.check(code == 0, f"exit 0, not {code}: {output}")
    case.says(output, "nothing was rehearsed")
