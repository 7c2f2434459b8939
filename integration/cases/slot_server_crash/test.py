from slot_steps import consistent_slot_with_writer


def run(case):
    case.make_reference()
    run, writer = consistent_slot_with_writer(case, "CREATE TABLE appeared (id int)", "INSERT INTO appeared VALUES (1)")
    writer.run("COMMIT")
    case.wait_held(run)
    case.server.restart("immediate")
    run.wait_status("another connection", lambda now: now["reconnects"] > 0)
    case.psql("UPDATE t SET n = 7 WHERE id = 1; UPDATE twin SET n = 7 WHERE id = 1", "app")
    case.release_copy()
    case.expect_exit(run, 0)
    case.psql("DROP TABLE appeared")
    case.finish_success(run, same_data=False)
