def run(case):
    case.superuser("SET session_replication_role = replica; INSERT INTO child (t) SELECT -i FROM generate_series(1, 7) AS i;"
                   " INSERT INTO app.\"Pair\" VALUES (1, NULL), (NULL, NULL)")
    case.expect_success()
    try:
        case.psql("INSERT INTO child (t) VALUES (-8)", "app")
    except Exception as error:
        case.check("child_t_fkey" in str(error), f"the key refuses new rows, not: {error}")
    else:
        case.check(False, "the key binds new rows")
