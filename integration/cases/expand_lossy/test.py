from servers import wait_until


def run(case):
    run = case.start()
    case.expect_exit(run, 0)
    same = "SELECT count(*) FROM (TABLE before EXCEPT SELECT id, first, last, nick FROM t) AS d"
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
    # However a row comes.
    said = case.psql("INSERT INTO t (id, full_name, first, nick, alias) VALUES (3 + 300000, 'J K', 'other', 'old', 'new') "
                     "RETURNING first, last, full_name, nick, alias", "app")
    case.check(said == "J|K|J K|new|new", "in an INSERT of both the new one counts: " + said)
    case.psql("COPY t (id, first, last) FROM STDIN;\n300004\tL\tM\n300005\t\\N\tN\n\\.\n"
              "COPY t (id, full_name) FROM STDIN;\n300006\tO P\n\\.\n", "app")
    case.check(case.psql("SELECT first, last, full_name FROM t WHERE id BETWEEN 300004 AND 300006 ORDER BY id") ==
               "L|M|L M\n|N|\nO|P|O P", "rows of COPY")
    case.psql("UPDATE t SET full_name = NULL WHERE id = 300004; UPDATE t SET first = NULL WHERE id = 300006; "
              "UPDATE t SET first = 'Q' WHERE id = 300005", "app")
    case.check(case.psql("SELECT first, last, full_name FROM t WHERE id BETWEEN 300004 AND 300006 ORDER BY id") ==
               "||\nQ|N|Q N\n|P|", "NULLs")
    case.superuser("SET session_replication_role = replica; INSERT INTO t (id, first, last) VALUES (300007, 'R', 'S')")
    case.check(case.psql("SELECT full_name FROM t WHERE id = 300007") == "R S", "a row that a subscription brings")
    said = case.psql("INSERT INTO t (id, full_name) VALUES (300007, 'T U') ON CONFLICT (id) DO UPDATE SET "
                     "full_name = EXCLUDED.full_name RETURNING first, last", "app")
    case.check(said == "T|U", "ON CONFLICT DO UPDATE: " + said)
    # Somebody needs the old column while the contraction waits for its lock.
    writer = case.session("migrator")
    writer.run("BEGIN")
    writer.run("UPDATE t SET first = first WHERE id = 5")
    patient = case.write_config("patient.yaml", cutover={"lock_timeout": "20s", "max_blocked": "25s"})
    contraction = case.start(patient, command="contract")
    wait_until("the lock to be waited for", lambda: case.superuser(
        "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted") == "1")
    writer.run("CREATE VIEW latecomer AS SELECT first FROM t")
    writer.run("COMMIT")
    case.expect_exit(contraction, 3)
    case.says(contraction.log(), "view public.latecomer depends on the old columns", "both versions may go on")
    case.psql("DROP VIEW latecomer")
    got, output = case.pgwraith("contract")
    case.check(got == 0, f"contract exits 0: {output}")
    case.says(output, "t_last", "t_nick_last", "t_nick_first", "nick_differs")
    case.check(case.psql("SELECT string_agg(stxname, ',') FROM pg_statistic_ext WHERE stxrelid = 't'::regclass") == "t_nick",
               "statistics have their name, or are gone")
    case.check(case.psql("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't'::regclass "
                         "AND attnum > 0 AND NOT attisdropped") == "id,full_name,alias", "the old columns are gone")
    case.check(case.psql("SELECT full_name FROM t WHERE id = 2") == "G H I", "nothing is lost")
    case.check_clean()
