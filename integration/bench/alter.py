"""The blocking ALTER TABLE against the same change through pgwraith, on an idle server, in one run."""

import statistics

from common import CONF, Scratch, migrate, print_table, sys, timed

INDEXES = ("CREATE INDEX t_customer ON {0} (customer)", "CREATE INDEX t_created ON {0} (created, customer)")
CHANGE = "ALTER TABLE t ALTER COLUMN id TYPE bigint"


def fill(server, rows):
    server.psql("DROP TABLE IF EXISTS t CASCADE", "bench", "migrator")
    for schema in server.psql("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pgwraith%'", "bench").split():
        server.psql(f"DROP SCHEMA {schema} CASCADE", "bench")
    server.psql(f"""
        CREATE TABLE t (id int PRIMARY KEY, customer int NOT NULL, created timestamptz NOT NULL, note text);
        INSERT INTO t SELECT i, hashint4(i) % 100000, timestamptz '2024-01-01' + i * interval '1 s', 'note ' || md5(i::text)
        FROM generate_series(1, {rows}) AS i;
        {';'.join(INDEXES).format('t')};
        VACUUM (ANALYZE) t""", "bench", "migrator", 3600)
    server.psql("CHECKPOINT", "bench")


def bare_sql(server):
    """The parts of the work as single statements: what the program's phases can be held against."""
    def sql(text):
        return timed(lambda: server.psql(text, "bench", "migrator", 3600))
    server.psql("CREATE TABLE bare (id bigint, customer int NOT NULL, created timestamptz NOT NULL, note text)", "bench", "migrator")
    copy = sql("INSERT INTO bare SELECT * FROM t")
    indexes = sql("ALTER TABLE bare ADD PRIMARY KEY (id)")
    for index in INDEXES:
        indexes += sql(index.replace("t_", "b_").format("bare"))
    vacuum = sql("VACUUM (ANALYZE) bare")
    compare = sql("SELECT count(*) FROM t FULL JOIN bare b USING (id) WHERE (t.customer, t.created, t.note) IS DISTINCT FROM (b.customer, b.created, b.note)")
    server.psql("DROP TABLE bare", "bench", "migrator")
    return {"copy": copy, "build": indexes + vacuum, "verify": compare}


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    repeat = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    results = {"ALTER TABLE": [], "pgwraith, verify: off": [], "pgwraith, verify: full": []}
    phases, memory = {}, {}
    with Scratch() as scratch:
        server = scratch.server("bench", conf=CONF)
        server.psql("CREATE DATABASE bench OWNER migrator")
        for _ in range(repeat):
            fill(server, rows)
            bare = bare_sql(server)
            fill(server, rows)
            results["ALTER TABLE"].append(timed(lambda: server.psql(CHANGE, "bench", "migrator", 3600)))
            for verify in ("off", "full"):
                name = f"pgwraith, verify: {verify}"
                fill(server, rows)
                seconds, status, memory[name], log = migrate(server, "bench", scratch, "public.t", CHANGE, verify=verify)
                results[name].append(seconds)
                phases[name] = (status, log)
    base = statistics.median(results["ALTER TABLE"])
    print(f"\n{rows} rows, int to bigint, primary key and two secondary indexes, idle server, median of {repeat}\n")
    print_table(["", "seconds", "ratio", "memory MiB"],
                [[name, f"{statistics.median(times):.1f}", f"{statistics.median(times) / base:.2f}",
                  f"{memory[name]:.0f}" if name in memory else ""] for name, times in results.items()])
    print("\nphases, in seconds, beside the same work as single SQL statements\n")
    names = [name for name in results if name in phases]
    milliseconds = [phases[name][0].get("phase_ms", {}) for name in names]
    print_table(["phase", "bare SQL", *names],
                [[phase, f"{bare[phase]:.1f}" if phase in bare else "",
                  *[f"{found[phase] / 1000:.2f}" if phase in found else "" for found in milliseconds]]
                 for phase in ("prepare", "copy", "build", "catch_up", "verify", "cutover")])
    for name in names:
        print(f"\n-- {name}: the program's own summary\n" + "\n".join(phases[name][1].splitlines()[-16:]))


main()
