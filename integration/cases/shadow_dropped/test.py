def run(case):
    before = case.server.dump_schema(case.database)
    shadow = f"pgwraith_new_{case.psql('SELECT $$t$$::regclass::oid')}.t"
    run = case.start()
    run.wait_phase("ready")
    run.stop()
    # Another table of that name is not it either.
    for change, says in ((f"ALTER TABLE {shadow} RENAME TO moved; CREATE TABLE {shadow} (id bigint)", "is not the one"),
                         (f"DROP TABLE {shadow}; DROP TABLE {shadow[:-1]}moved", "is gone")):
        case.superuser(change)
        again = case.start()
        case.expect_exit(again, 4)
        case.says(again.log(), "the shadow table .*" + says, "pgwraith abort")
        case.check("internal error" not in again.log(), "no internal error")
    case.succeeds("abort")
    case.check_nothing_happened(before)
