DUPLICATES = r"98 values of \(a\) occur more than once in .*t.*, among them rows with \(id\) = \(\d+\) and \(\d+\)"
LOWER = r"1 value of \(lower\(b\)\) occurs more than once .*\(id\) = \(\d+\) and \(\d+\) and 1 more"
SMALL = r"1 row of .*t.* which CHECK \(.*a < 899.*\) refuses, among them \(id\) = \(899\)"
ORPHAN = r"1 row of .*t.* without a partner in .*parent.* among them \(id\) = \(9\)"

CHANGES = {
    "ALTER TABLE t ADD COLUMN c int, ALTER COLUMN a SET NOT NULL": r"2 rows of .*t.* with NULL in a, among them \(id\) = \(7\), \(8\)",
    "ALTER TABLE t ADD CHECK (a < 899)": SMALL,
    "ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES parent": ORPHAN,
    # A key that is half NULL, in two rows.
    "alter table t alter p set default 1, add foreign key (a, p) references pairs (x, y) match\n full":
        r"4 rows of .*t.* without a partner in .*pairs.* \(a, p\)",
    # What stands, and what comes in the two steps that linters want.
    "ALTER TABLE t VALIDATE CONSTRAINT small": SMALL,
    "ALTER TABLE t VALIDATE CONSTRAINT p_known": ORPHAN,
    "ALTER TABLE t ADD CONSTRAINT y FOREIGN KEY (p) REFERENCES parent NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT y": ORPHAN,
    "ALTER TABLE t ADD UNIQUE (a) INCLUDE (b)": DUPLICATES,
    "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (p)": r"100 values of \(p\)",
    "CREATE UNIQUE INDEX CONCURRENTLY ON t (a DESC) INCLUDE (b) WITH (fillfactor = 70)": DUPLICATES,
    # Computed only of rows that the condition lets pass.
    "CREATE UNIQUE INDEX ON t ((5000 / a)) WHERE a > 890": r"1 value of \(\(5000 / a\)\) WHERE \(a > 890\)",
    "CREATE UNIQUE INDEX ON t ((a / 100)) NULLS NOT DISTINCT WHERE id < 10": r"2 values of \(\(a / 100\)\) WHERE \(id < 10\)",
    "CREATE UNIQUE INDEX ON t (lower(b) text_pattern_ops)": LOWER,
    "CREATE UNIQUE INDEX ON t ((true))": r"1 value of \(true\)",
    # Of a new column: what it will have is computed of the rows.
    "ALTER TABLE t ADD COLUMN n int UNIQUE DEFAULT 1": r"1 value of \(n\)",
    "ALTER TABLE t RENAME COLUMN id TO key; ALTER TABLE t ADD CHECK (key <> 5)": r"1 row of .* \(id\) = \(5\)",
}

FILLED = {
    "ALTER TABLE t ADD COLUMN n varchar(20); CREATE UNIQUE INDEX ON t (n)": ("lower(b)", r"1 value of \(n\)"),
    "ALTER TABLE t ADD COLUMN n int NOT NULL": ("nullif(p, 5)", r"10 rows of .* with NULL in n"),
    "ALTER TABLE t ADD COLUMN n int REFERENCES parent": ("p", r"1 row of .*without a partner .*\(id\) = \(9\)"),
    "ALTER TABLE t ADD COLUMN n numeric(4, 1) CHECK (n < 50)": ("id / 20.0", r"2 rows of .* which CHECK .n < 50. refuses, .*\(999\), \(1000\)"),
}


def run(case):
    if int(case.server.version) >= 18:
        case.psql("ALTER TABLE t ADD CONSTRAINT a_known NOT NULL a NOT VALID")
        CHANGES["ALTER TABLE t VALIDATE CONSTRAINT a_known"] = r"2 rows of .*t.* with NULL in a, among them \(id\) = \(7\), \(8\)"
    before = case.server.dump_schema(case.database)
    changes = [(sql, None, says) for sql, says in CHANGES.items()]
    changes += [(sql, {"n": value}, says) for sql, (value, says) in FILLED.items()]
    for sql, values, says in changes:
        run = case.start(case.write_config(sql=sql, values=values) if values else case.write_config(sql=sql))
        case.expect_exit(run, 3)
        case.says(run.log(), says, "Nothing was changed")
        case.check_nothing_happened(before)
        case.check(not (case.state_dir / "store").exists(), "no state is left")
    # What only the fill finds is named as well, and the same command carries on.
    case.psql("UPDATE t SET a = 1 WHERE a = 899 OR a IS NULL; UPDATE t SET b = 'too long' WHERE id IN (40, 800)")
    config = case.write_config(sql="ALTER TABLE t ADD COLUMN n varchar(4)", values={"n": "b"})
    run = case.start(config)
    case.expect_exit(run, 4)
    case.says(run.log(), r'"n" of .*t.* cannot be filled: value too long .*\(rows with id=(40|800)(; id=800)?\)', "the same command carries on")
    case.psql("UPDATE t SET b = '1' WHERE id IN (40, 800)")
    case.expect_exit(case.start(config), 0)
    case.check(case.superuser("SELECT count(*) FROM t WHERE n IS DISTINCT FROM b") == "0", "all rows are filled")
