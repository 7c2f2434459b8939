SCHEMA = """
CREATE TABLE t (id text PRIMARY KEY, n int);
INSERT INTO t SELECT i, i FROM generate_series(1, 500) AS i;
"""
BYTES = "SET client_encoding = 'SQL_ASCII'; INSERT INTO t VALUES (E'caf\\xe9', 1)"


def stopped(case, config, run):
    case.expect_exit(run, 4)
    case.says(run.log(), "a key was written whose bytes are not UTF-8", "fix the key, then `pgwraith abort` and start anew")
    case.says(run.log(), 'invalid byte sequence for encoding "UTF8"')
    case.check("caf" not in run.log() and "0xe9" not in run.log(), "nothing of the value is in the log")


def run(case):
    ascii_ = case.database + "_ascii"
    case.server.psql(f"CREATE DATABASE {ascii_} OWNER migrator ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        case.psql(SCHEMA, database=ascii_)
        config = case.write_config("ascii.yaml", connection=case.server.uri(ascii_, "migrator"), cutover={"mode": "manual"})
        status, output = case.pgwraith("plan", config=config)
        case.check(status == 0, f"plan: {output}")
        case.says(output, "encoding is SQL_ASCII", "stops the migration for good")
        run = case.start(config)
        run.wait_phase("ready")
        case.psql(BYTES, database=ascii_)
        stopped(case, config, run)
        stopped(case, config, case.start(config))  # the change is still in the stream
        case.check(case.pgwraith("abort", config=config)[0] == 0, "abort")
        case.psql("DELETE FROM t WHERE n = 1 AND id <> '1'", database=ascii_)
        last = case.start(case.write_config("last.yaml", connection=case.server.uri(ascii_, "migrator")))
        case.expect_exit(last, 0)
        case.check(case.psql("SELECT count(*) || ' ' || sum(n) FROM t", database=ascii_) == "500 125250", "all rows are there")
    finally:
        case.server.psql(f"DROP DATABASE {ascii_} WITH (FORCE)")
