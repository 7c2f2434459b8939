# Statement, and what the message says of it.
CHANGES = [
    ("CREATE TRIGGER new_trigger BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()", "new_trigger"),
    ("COMMENT ON TRIGGER there_before ON t IS 'said meanwhile'", "said meanwhile"),
    ("CREATE POLICY new_policy ON t USING (a > 0)", "new_policy"),
    ("COMMENT ON POLICY known ON t IS 'said of the policy'", "said of the policy"),
    ("CREATE RULE new_rule AS ON DELETE TO t WHERE old.id = 1 DO INSTEAD NOTHING", "new_rule"),
    ("CREATE POLICY foreign_one ON other USING (id IN (SELECT id FROM t))", "foreign_one"),
    ("CREATE RULE foreign_rule AS ON DELETE TO other DO ALSO DELETE FROM t WHERE id = old.id", "foreign_rule"),
    ("CREATE PUBLICATION new_publication FOR TABLE t (id, a)", "new_publication"),
    ("ALTER PUBLICATION older SET TABLE t WHERE (a > 77)", "77"),
    ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", "row level security"),
    ("CREATE STATISTICS new_statistics ON a, b FROM t", "new_statistics"),
    ("GRANT SELECT (b) ON t TO pg_monitor", "pg_monitor"),
    ("COMMENT ON TYPE t IS 'said of its rows'", "said of its rows"),
    ("GRANT USAGE ON SEQUENCE t_id_seq TO pg_signal_backend", "pg_signal_backend"),
]


def run(case):
    def dump():
        return [line for line in case.dump() if "pgwraith" not in line and line.strip()]

    before = dump()
    run = case.start()
    run.wait_phase("ready")
    for statement, _ in CHANGES:
        case.psql(statement)
    changed = dump()
    case.check(before != changed, "the statements did something")
    case.pgwraith("cutover")
    case.expect_exit(run, 4)
    case.says(run.log(), *(says for _, says in CHANGES))
    case.says(run.log(), "nothing was swapped. Undo that change and run the same command again, or `pgwraith abort`")
    case.check(not case.old_schemas(), "no swap")
    case.succeeds("abort")
    case.check_clean()
    case.check(dump() == changed, "abort leaves the table as it is then")
