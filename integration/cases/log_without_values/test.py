VALUE = "4111"


def stops(case, sql, *says, ends=4, **settings):
    """A migration that the data stops: the rows' keys are named, their other values are not."""
    run = case.start(case.write_config(sql=sql, **settings))
    case.expect_exit(run, ends)
    case.says(run.log(), *says)
    case.check(VALUE not in run.log(), f"no value in the log: {run.log()[-2000:]}")
    code, output = case.pgwraith("abort")
    case.check(code == 0 and VALUE not in output, output)


def repairs(case, settings):
    run = case.start(case.write_config(sql="ALTER TABLE t ALTER n TYPE bigint USING rated(n)", cutover={"mode": "manual"}, **settings))
    run.wait_phase("ready")
    shadow = f"pgwraith_new_{case.psql('SELECT $$t$$::regclass::oid')}.t"
    case.superuser(f"UPDATE {shadow} SET card = '4111-other' WHERE id = 7; UPDATE rate SET r = r + 1")
    code, output = case.pgwraith("verify", timeout=60)
    case.check(code == 0 and VALUE not in output, output)
    case.says(output, "5,000 differences repaired")
    run.stop()
    code, output = case.pgwraith("abort")
    case.check(code == 0, output)
    return [line for line in run.log().splitlines() if "verification:" in line]


def run(case):
    stops(case, "ALTER TABLE t ALTER card TYPE int USING card::int", "invalid input syntax", "rows with id=1")
    case.psql("UPDATE t SET card = '4111-1' WHERE id = 2")
    stops(case, "CREATE UNIQUE INDEX ON t (card)", r"Key \(card\)", "id=1 and id=2|id=2 and id=1")
    stops(case, "CREATE UNIQUE INDEX ON t (lower(card)) WHERE n < 1000", r"Key \(lower\(card\)\)", "id=1 and id=2|id=2 and id=1")
    case.psql("UPDATE t SET card = '4111-2' WHERE id = 2")
    stops(case, "ALTER TABLE t ALTER card TYPE varchar USING card_of(card)", "an error was raised .* in PL/pgSQL function .*card_of", "rows with id=99")
    stops(case, "CREATE INDEX ON t (card_of(card))", "an error was raised .* in PL/pgSQL function .*card_of", "rows with id=99")
    stops(case, "ALTER TABLE t ADD COLUMN k text", "an error was raised .* in PL/pgSQL function .*card_of", values={"k": "card_of(card)"},
          strategy="direct")
    stops(case, "ALTER TABLE t ADD CHECK (card_of(card) <> '')", "an error was raised .* in PL/pgSQL function .*card_of", ends=3,
          strategy="direct")
    stops(case, "ALTER TABLE t ADD CONSTRAINT c CHECK (card <> '4111' || '-77')".replace("'4111'", "'41' || '11'"),
          'check constraint "c"', "rows with id=77")

    lines = repairs(case, {})
    case.check(len(lines) <= 10 and not any(VALUE in line or "id=" in line for line in lines), f"few lines, no values: {lines[:12]}")
    case.check(any("5000 rows differed" in line for line in lines), f"counted: {lines}")
    lines = repairs(case, {"log": {"row_values": True}})
    case.check(1000 <= len(lines) <= 1020, f"{len(lines)} lines: one limit for all")
    case.check(any("4111-other" in line for line in lines), "values, when they are asked for")
