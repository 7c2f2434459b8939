OBJECTS = ["CREATE TEMP TABLE stage (LIKE t INCLUDING DEFAULTS)",
           "ALTER TABLE stage ALTER n SET DEFAULT nextval('t_n_seq')",
           "INSERT INTO stage (mail, a) SELECT 'm' || i, -i FROM generate_series(1, 5) AS i",
           "INSERT INTO t SELECT * FROM stage ON CONFLICT (mail) DO UPDATE SET a = excluded.a",
           "CREATE TEMP VIEW tv AS SELECT id, mail FROM t",
           "CREATE TEMP VIEW over_seen AS SELECT id FROM seen",
           "CREATE TEMP TABLE rows_of_t (r t)",
           "CREATE FUNCTION pg_temp.f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t; END"]


def with_objects(case):
    session = case.session()
    for sql in OBJECTS:
        session.run(sql)
    return session


def run(case):
    case.make_reference()
    before, stays = with_objects(case), with_objects(case)
    case.check_plan()
    run = case.start()
    case.wait_held(run)
    before.close()
    during = with_objects(case)
    case.release_copy()
    run.wait_phase("ready")
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    for session in (stays, during):
        session.run("INSERT INTO stage (mail, a) VALUES ('late' || random(), 1)")
        session.run("INSERT INTO t (mail, a) SELECT mail, a FROM stage WHERE mail LIKE 'late%'")
    case.finish_success(run, same_data=False)
