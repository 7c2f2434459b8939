TABLES = {
    "citext_first": "name = (SELECT name FROM citext_first WHERE name = 'nAME ' || {n} LIMIT 1)",
    "citext_last": "tenant = 1 AND name = 'NAME ' || {n}",
    "descending": "id = {n}",
    "patterns": "name = 'n' || {n}",
    "reversed": "id = {n}",
}


def run(case):
    for table, where in TABLES.items():
        case.hold_copy(2)
        config = case.write_config(f"{table}.yaml", table=f"public.{table}", sql=f"ALTER TABLE {table} ALTER a TYPE bigint",
                                   state_dir=str(case.dir / table), cutover={"mode": "manual"}, verify="full")
        run = case.start(config=config, state_dir=case.dir / table)
        case.wait_held(run)
        for n in range(1, 200):
            if n % 20 == 0:
                case.psql(f"UPDATE {table} SET a = a + 1 WHERE {where.format(n=n)}; DELETE FROM {table} WHERE {where.format(n=n + 7)}")
        case.release_copy()
        run.wait_phase("ready")
        plans = case.superuser("SELECT coalesce(string_agg(relname, ','), '') FROM pg_class WHERE relname = 'pgwraith_key'")
        case.check(plans == "", "the copy of the key's own index serves")
        case.superuser(f"CREATE TABLE was_{table} AS SELECT * FROM {table}")
        code, output = case.pgwraith("cutover", config=config)
        case.check(code == 0, f"{table}: told to swap: {output}")
        case.expect_exit(run, 0)
        case.says(run.log(), "verified: [\\d,]+ rows", " 0 repaired")
        difference = case.superuser(f"SELECT count(*) FROM ((TABLE {table} EXCEPT ALL TABLE was_{table}) UNION ALL"
                                    f" (TABLE was_{table} EXCEPT ALL TABLE {table})) AS d")
        case.check(difference == "0", f"{table}: {difference} rows differ")
