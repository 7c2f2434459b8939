from servers import wait_until


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("copy")
    case.succeeds("pause")
    status = run.wait_status("the pause", lambda now: now["throttled"])
    case.says(status["throttled"], "pause")
    # Chunks under way may still end; then the number of rows stands still while changes come in.
    counts = []

    def quiet():
        counts.append(run.status()["rows_copied"])
        return len(counts) > 20 and counts[-1] == counts[-20]
    wait_until("the copy to stand still", quiet)
    before = run.status()
    after = run.wait_status("changes while it is paused",
                            lambda now: now["changes_received"] >= before["changes_received"] + 200)
    case.check(after["rows_copied"] == before["rows_copied"] and after["phase"] == "copy", "nothing is copied meanwhile")
    case.succeeds("set", "throttle.idle_ratio=0.5")
    code, output = case.pgwraith("set", "copy.chunk_target=soon")
    case.check(code == 2, f"set with nonsense exits 2, not {code}: {output}")
    case.says(output, "chunk_target")
    case.release_copy()
    case.succeeds("resume")
    case.expect_exit(run, 0)
    case.finish_success(run, [load])
