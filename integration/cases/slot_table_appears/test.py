"""What the server's logical decoding gets wrong: a catalog change that commits while a new slot gathers the running
transactions is missing from the snapshot that it makes then, and keeps until the next catalog change. Sent to us, what
wrote to that table would end the stream with 'could not map filenode'."""

from slot_steps import consistent_slot_with_writer


def run(case):
    case.make_reference()
    load = case.workload()
    run, writer = consistent_slot_with_writer(case, "CREATE TABLE appeared (id int)", "INSERT INTO appeared VALUES (1)")
    writer.run("COMMIT")
    case.wait_held(run)
    case.psql("INSERT INTO appeared VALUES (2)")
    case.release_copy()
    case.expect_exit(run, 0)
    case.psql("DROP TABLE appeared")
    case.finish_success(run, [load])
