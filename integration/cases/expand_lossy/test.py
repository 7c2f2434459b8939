def run(case):
    run = case.start()
    case.expect_exit(run, 0)
    same = "SELECT count(*) FROM (TABLE before EXCEPT SELECT id, first, last FROM t) AS d"
    case.check(case.superuser(same) == "0", "filling has left the old columns as they were")
    case.check(case.superuser("SELECT count(*) FROM t WHERE full_name IS DISTINCT FROM first || ' ' || last") == "0",
               "old rows are filled")
    ask = "SELECT first, last, full_name FROM t WHERE id = "
    case.psql("UPDATE t SET full_name = 'A B C' WHERE id = 1", "app")
    case.check(case.psql(ask + "1") == "A|B|A B C", "the new version's value stays whole: " + case.psql(ask + "1"))
    case.psql("UPDATE t SET id = 100001, last = last WHERE id = 1", "app")
    case.check(case.psql(ask + "100001") == "A|B|A B C", "an old version that changes nothing of it leaves it")
    case.psql("UPDATE t SET last = 'X' WHERE id = 100001", "app")
    case.check(case.psql(ask + "100001") == "A|X|A X", "an old version that does change it counts")
    case.psql("INSERT INTO t (id, full_name) VALUES (200001, 'D E F')", "app")
    case.check(case.psql(ask + "200001") == "D|E|D E F", "an insert of the new version")
    case.psql("UPDATE t SET full_name = 'G H I', first = 'old' WHERE id = 2", "app")
    case.check(case.psql(ask + "2") == "G|H|G H I", "in one UPDATE of both the new one counts")
    got, output = case.pgwraith("contract")
    case.check(got == 0, f"contract exits 0: {output}")
    case.says(output, "t_last")
    case.check(case.psql("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't'::regclass "
                         "AND attnum > 0 AND NOT attisdropped") == "id,full_name", "the old columns are gone")
    case.check(case.psql("SELECT full_name FROM t WHERE id = 2") == "G H I", "nothing is lost")
    case.check_clean()
