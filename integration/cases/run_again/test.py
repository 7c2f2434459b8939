def again(case, expected):
    code, output = case.pgwraith("run", timeout=60)
    case.check(code == 0, f"exit 0, not {code}: {output}")
    case.says(output, expected)
    return output


def oid(case):
    return case.superuser("SELECT 't'::regclass::oid")


def run(case):
    case.make_reference()
    case.expect_exit(case.start(), 0)
    first = oid(case)
    record = case.state_dir / "done.json"
    case.check(sorted(path.name for path in case.state_dir.iterdir()) == ["MADE", "done.json"], "only a record is left of the state")

    # A container that is started again after its work: what was done is not done again.
    output = again(case, "has its new shape already, since 2")
    case.says(output, "done.json; remove that file to have it done again")
    case.check(oid(case) == first and len(case.old_schemas()) == 1, "the table was left alone")
    case.check_clean()
    case.check_same_schema()

    # The table was altered meanwhile: it no longer has the shape that is asked for.
    case.psql("ALTER TABLE t ALTER n TYPE int")
    again(case, "has its new shape\\.")
    second = oid(case)
    case.check(second != first, "a table that was altered since is migrated again")
    case.check(case.superuser("SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'n'") == "bigint",
               "it has its shape again")

    # Another change with the same state directory is another migration.
    case.write_config(sql="ALTER TABLE t ADD COLUMN extra int")
    again(case, "has its new shape\\.")
    third = oid(case)
    case.check(third != second, "another change is made")
    case.check("extra" in record.read_text(), "and that is what is remembered")

    # So are values alone, which would be computed of what they have become.
    case.write_config(sql="", values={"extra": "1 + coalesce(extra, 0)"})
    again(case, "has its new shape\\.")
    again(case, "has its new shape already")
    case.check(case.superuser("SELECT count(*) FROM t WHERE extra IS DISTINCT FROM 1") == "0", "added once")

    # A rebuild is wanted each time it is asked for.
    for sql in ("", "VACUUM FULL t"):
        case.write_config(sql=sql)
        for _ in range(2):
            before = oid(case)
            again(case, "has its new shape\\.")
            case.check(oid(case) != before and not case.state_dir.exists(), f"a rebuild is done again, and leaves no record: {sql}")
    case.check_clean()

    output = case.succeeds("abort")
    case.says(output, "nothing to do")
