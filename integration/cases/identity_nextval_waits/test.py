from servers import wait_until

WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = '{0}'::regclass AND mode = '{1}')"


def waits(case, sequence, mode):
    wait_until(f"{mode} on {sequence}", lambda: case.superuser(WAITING.format(sequence, mode)) == "t")


def run(case):
    case.make_reference()
    first, second, third, fourth = (case.session() for _ in range(4))
    run = case.start()
    run.wait_phase("ready")
    first.run("BEGIN; SELECT nextval('t_id_seq'), nextval('t_down_seq')")
    case.pgwraith("cutover")
    waits(case, "t_id_seq", "AccessExclusiveLock")
    second.send("SELECT nextval('t_id_seq')")
    waits(case, "t_id_seq", "RowExclusiveLock")
    first.run("ROLLBACK")
    number = second.answer()
    case.expect_exit(run, 0)
    second.run(f"INSERT INTO t (id, a) VALUES ({number}, 7)")
    for session in (third, fourth):
        session.run("INSERT INTO t (a) VALUES (8)")
    case.check(case.superuser("SELECT count(*) = count(DISTINCT id) AND count(*) = count(DISTINCT down) FROM t") == "t",
               "no number twice")
    case.check(case.superuser("SELECT last_value < 0 FROM t_down_seq") == "t", "the other direction")
    case.check(case.superuser("SELECT last_value BETWEEN 32761 AND 32766 FROM t_small_seq") == "t", "numbers are left near the end")
    case.finish_success(run, same_data=False)
