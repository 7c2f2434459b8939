import signal

from asked import Asked


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
    asked.press_ctrl_c()
    asked.expect(130)
    case.says(asked.text(), "no longer waiting")
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
