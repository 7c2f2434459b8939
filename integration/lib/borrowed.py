"""What the cases of a borrowed replica identity share."""

BORROWED = "i t_key"


def identity(case, table="t"):
    return case.superuser(
        "SELECT concat_ws(' ', c.relreplident, (SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
        f" WHERE x.indrelid = c.oid AND x.indisreplident)) FROM pg_class c WHERE c.oid = '{table}'::regclass")


def abort(case, *says):
    code, output = case.pgwraith("abort")
    case.check(code == 0, f"abort exits 0, not {code}: {output}")
    case.says(output, *says)
    case.check_clean()
    return output


def at_ready(case, config, expected=BORROWED):
    run = case.start(config)
    run.wait_phase("ready")
    case.check(identity(case) == expected, f"the identity meanwhile is {identity(case)}")
    return run
