CHANGES = {
    "ALTER TABLE t ADD COLUMN b int, ALTER COLUMN a SET NOT NULL": r"2 rows of .*t.* with NULL in a, among them \(id\) = \(7\), \(8\)",
    "ALTER TABLE t ADD CHECK (a < 899)": r"1 row of .*t.* which CHECK \(a < 899\) refuses, among them \(id\) = \(899\)",
    "ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES parent": r"1 row of .*t.* without a partner in .*parent.* among them \(id\) = \(9\)",
    "ALTER TABLE t ADD UNIQUE (a)": r"98 values of \(a\) occur more than once in .*t.*, among them rows with \(id\) = \(\d+\) and \(\d+\)",
}


def run(case):
    before = case.server.dump_schema(case.database)
    for sql, says in CHANGES.items():
        run = case.start(case.write_config(sql=sql))
        case.expect_exit(run, 3)
        case.says(run.log(), says, "Nothing was changed")
        case.check_nothing_happened(before)
        case.check(not (case.state_dir / "store").exists(), "no state is left")
