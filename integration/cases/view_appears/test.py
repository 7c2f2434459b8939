APPEAR = [("CREATE VIEW above AS SELECT id FROM seen", "DROP VIEW above", "view public.above appeared"),
          ("CREATE OR REPLACE VIEW seen AS SELECT id, a FROM t WHERE a > 0", "CREATE OR REPLACE VIEW seen AS SELECT id, a FROM t",
           "(?s)view public.seen.*became"),
          ("CREATE TABLE late (t int CONSTRAINT late_fk REFERENCES t)", "DROP TABLE late", "late_fk.* appeared")]


def run(case):
    run = case.start()
    run.wait_phase("ready")
    for number, (make, undo, said) in enumerate(APPEAR):
        case.psql(make)
        if number == 0:
            case.pgwraith("cutover")
        else:  # the cutover was asked for: it goes on where it was called off
            run = case.start()
        case.expect_exit(run, 4)
        case.says(run.log(), said, "Undo that change and run the same command again, or `pgwraith abort` and start anew")
        case.check(not case.old_schemas(), "nothing was swapped")
        case.psql(undo)
    case.succeeds("abort")
    case.check_clean()
