import json


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

    # Once somebody has altered or replaced the table it is not known what they would be computed of.
    case.psql("CREATE INDEX ON t (extra)")
    other = case.write_config("other.yaml", sql="ALTER TABLE t ADD COLUMN other int")
    code, output = case.pgwraith("abort", config=other)
    case.check(code == 0 and "nothing to do" in output, f"what was never begun leaves nothing to remove: {output}")
    for config in (None, other):
        if config:
            code, output = case.pgwraith("run", config=config, timeout=60)
            case.check(code == 0, f"another change in between: {output}")
        code, output = case.pgwraith("run", timeout=60)
        case.check(code == 3, f"exit 3, not {code}: {output}")
        case.says(output, "the `values` of .*t.* were computed 2.* altered or replaced since", "remove .*done.json")
    case.check(case.superuser("SELECT count(*) FROM t WHERE extra IS DISTINCT FROM 1") == "0", "still added once")

    # A rebuild is wanted each time it is asked for.
    for sql in ("", "VACUUM FULL t"):
        case.write_config(sql=sql)
        for _ in range(2):
            before = oid(case)
            again(case, "has its new shape\\.")
            case.check(oid(case) != before, f"a rebuild is done again: {sql}")
            left = [one["values"] for one in json.loads(record.read_text())]
            case.check(left == [{"extra": "1 + coalesce(extra, 0)"}], f"a rebuild leaves no record: {left}")
    case.check_clean()

    output = case.succeeds("abort")
    case.says(output, "nothing to do")
