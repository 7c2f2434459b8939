import re


def run(case):
    def asked_for(index):
        """Parallel workers that the last build of that index asked the server for."""
        found = re.findall(rf'building index "{index}" on table "\w+" (?:with request for (\d+) parallel|serially)', case.server.log_text())
        case.check(found, f"the server's log has the build of {index}")
        return int(found[-1] or 0)

    def migrate(name, sql, load, **settings):
        case.psql(f"UPDATE load SET n = {load}")
        case.write_config(sql=sql, state_dir=str(case.dir / name), **settings)
        return case.start(state_dir=case.dir / name)

    def direct(name, load):
        return migrate(name, f"CREATE INDEX t_{name} ON t (n)", load, strategy="direct")

    # Held first, so that the build begins in the moment in which the gate opens.
    run = direct("room", 11)
    run.wait_status("the gate to be closed", lambda now: now["throttled"])
    case.psql("UPDATE load SET n = 1")
    case.expect_exit(run, 0)
    case.check(asked_for("t_room") == 2, f"with room it has all: {asked_for('t_room')}")
    case.expect_exit(direct("near", 7.5), 0)
    case.check(asked_for("t_near") == 1, f"near the limit half of them: {asked_for('t_near')}")
    case.expect_exit(direct("at", 9.5), 0)
    case.check(asked_for("t_at") == 0, f"at the limit none: {asked_for('t_at')}")

    # The same behind a copy.
    case.expect_exit(migrate("shadow", "ALTER TABLE t ALTER n TYPE bigint; CREATE INDEX t_shadow ON t (n, id)", 7.5), 0)
    case.check(asked_for("t_shadow") == 1, f"half of them: {asked_for('t_shadow')}")
