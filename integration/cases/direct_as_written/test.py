T = '"My schema"."T 1"'
LONG = "eine_spalte_mit_einem_sehr_langen_namen_der_63_zeichen_hat_genu"

# Each is a migration of its own, and plain statements in the reference: the same, but where `values` fill a column.
FILLED = (f'''ALTER TABLE {T} ADD filled "My schema".pair NOT NULL, ALTER pair SET NOT NULL''', {"filled": 'ROW(NULL, id)'},
          f'''ALTER TABLE {T} ADD filled "My schema".pair, ALTER pair SET NOT NULL; UPDATE {T} SET filled = ROW(NULL, id);
          ALTER TABLE {T} ALTER filled SET NOT NULL''')
TAKEN = [
    f'''BEGIN; SET client_encoding TO 'UTF-8'; SET lock_timeout = '1s';
    ALTER TABLE ONLY {T} ADD COLUMN z int DEFAULT 3; ALTER TABLE {T} ADD CONSTRAINT zc CHECK (z > 0);
    CREATE INDEX zi ON {T} (z); ALTER TABLE {T} ALTER z SET NOT NULL; ALTER TABLE {T} RENAME z TO "Z";
    ALTER TABLE {T} ADD UNIQUE ("Z", id), ADD COLUMN late int CONSTRAINT late_key REFERENCES "My schema".p (id) DEFERRABLE;
    ALTER TABLE {T} RENAME "Big" TO x; ALTER TABLE {T} RENAME c TO "Big"; ALTER TABLE {T} RENAME x TO c;
    ALTER TABLE {T} ADD CHECK (c > 0), ADD CHECK ("Big" < 30), ALTER c SET NOT NULL; COMMIT;''',
    # What is made, or renamed, on the way.
    f'''ALTER INDEX "My schema".first RENAME TO second; DROP INDEX IF EXISTS "My schema".second, "My schema".nowhere;
    CREATE INDEX first ON {T} (c); DROP INDEX "My schema".first; CREATE INDEX IF NOT EXISTS first ON {T} (c, d);
    CREATE INDEX IF NOT EXISTS other ON {T} (c); CREATE INDEX IF NOT EXISTS first ON {T} (d);
    ALTER TABLE {T} ADD CONSTRAINT gone CHECK (d > 0); ALTER TABLE {T} RENAME CONSTRAINT gone TO gone2;
    ALTER TABLE {T} DROP CONSTRAINT IF EXISTS gone2, DROP CONSTRAINT IF EXISTS gone;
    ALTER TABLE {T} DROP COLUMN d; ALTER TABLE {T} ADD COLUMN d text DEFAULT 'd';
    CREATE INDEX ON {T} (d); CREATE INDEX ON {T} (d); CREATE INDEX "T 1_d_idx2" ON {T} (d);
    ALTER TABLE {T} ALTER id DROP DEFAULT, DROP CONSTRAINT "T 1_pkey", ALTER id DROP NOT NULL; ALTER TABLE {T} ADD PRIMARY KEY (id);''',
    # Names that others have; long ones; keys of several columns and to a partitioned table.
    f'''CREATE INDEX ON {T} (c); CREATE INDEX ON {T} (c);
    ALTER TABLE {T} ADD CHECK (c > 0), ADD UNIQUE ({LONG}), ADD CHECK ({LONG} > 0), ALTER {LONG} SET NOT NULL;
    CREATE INDEX ON {T} ({LONG}); CREATE INDEX ON {T} ({LONG}, lower("select")) INCLUDE (c) WHERE c > 3;
    CREATE UNIQUE INDEX ON {T} (code text_pattern_ops DESC NULLS LAST, id) NULLS NOT DISTINCT;
    ALTER TABLE {T} ADD FOREIGN KEY ("Big") REFERENCES "My schema".parts,
        ADD FOREIGN KEY (id) REFERENCES {T} ON DELETE CASCADE INITIALLY DEFERRED;
    ALTER TABLE {T} ADD COLUMN k int UNIQUE; ALTER TABLE {T} ADD FOREIGN KEY (k) REFERENCES {T} (k);
    CREATE STATISTICS "My schema".ours ON c, code FROM {T}; COMMENT ON INDEX "My schema".zi IS 'new';''',
    f'''ALTER TABLE {T} ADD CONSTRAINT two FOREIGN KEY ("Big", code) REFERENCES "My schema".p (id, code) MATCH FULL
        ON DELETE SET NULL ON UPDATE CASCADE NOT VALID''',
    f'''ALTER TABLE {T} ALTER c SET DEFAULT nextval('"My schema".numbers'); ALTER SEQUENCE "My schema".numbers OWNED BY {T}.c;
    ALTER SEQUENCE "My schema".numbers OWNED BY {T}.c; COMMENT ON INDEX "My schema".zi IS NULL''',
    # Values of which a part is NULL.
    FILLED,
]

# What plan must see: each ends a run otherwise when a part of it is done.
REFUSED = {
    f'CREATE INDEX IF NOT EXISTS left_behind ON {T} (c)': 'index "My schema"."left_behind" is there already, and is not valid',
    f'BEGIN; SET lock_timeout = 0; ANALYZE {T}; COMMIT': "nothing in `sql` changes the table",
    f'ALTER SEQUENCE "My schema"."T 1_c_idx1" OWNED BY {T}.c': "it has another owner than the table",
    f'ALTER SEQUENCE nowhere OWNED BY {T}.c': "there is no such sequence",
    f'ALTER INDEX "My schema".zi RENAME TO p': 'relation "p" already exists',
    f"ALTER TABLE {T} ADD CONSTRAINT u UNIQUE (c, id); ALTER TABLE {T} RENAME CONSTRAINT u TO p": 'relation "p" already exists',
    f"CREATE UNIQUE INDEX u ON {T} (c, id); ALTER TABLE {T} ADD CONSTRAINT p UNIQUE USING INDEX u": 'relation "p" already exists',
    f"CREATE INDEX p ON {T} (c)": 'relation "p" already exists',
    f'CREATE STATISTICS "My schema".taken ON c, code FROM {T}': 'statistics object "taken" already exists',
    f"ALTER TABLE {T} ADD y int DEFAULT 4": "holds rows of the table|row type",
    f'ALTER TABLE {T} ADD FOREIGN KEY (c) REFERENCES "My schema".no_right': "permission denied for table",
}


def run(case):
    case.superuser('ALTER SEQUENCE "My schema"."T 1_c_idx1" OWNER TO postgres; ALTER TABLE "My schema".no_right OWNER TO postgres; GRANT SELECT ON "My schema".no_right TO migrator')
    case.copy_database()
    for number, taken in enumerate(TAKEN):
        sql, values, plain = (taken, {}, taken) if isinstance(taken, str) else taken
        config = case.write_config(f"{number}.yaml", sql=sql, values=values, state_dir=str(case.dir / f"state{number}"))
        got, output = case.pgwraith("run", config=config)
        case.check(got == 0, f"{sql}: exit {got}: {output}")
        if sql.startswith("BEGIN"):
            case.says(output, "BEGIN is left out")
        case.psql(plain, database=case.expected)
    case.check_same_schema()
    case.check_same_data()
    case.psql(f'CREATE TABLE "My schema".holds (x {T}[])')
    case.psql('CREATE FUNCTION "My schema".odd(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF $1 = 7 THEN '
              "RAISE 'no'; END IF; RETURN true; END $$")
    case.psql('CREATE INDEX left_behind ON "My schema"."T 1" (c)')
    case.superuser("UPDATE pg_index SET indisvalid = false WHERE indexrelid = '\"My schema\".left_behind'::regclass")
    before = case.server.dump_schema(case.database)
    for sql, why in REFUSED.items():
        got, output = case.pgwraith("plan", config=case.write_config("refused.yaml", sql=sql, strategy="auto"))
        case.check(got == 3, f"{sql}: exit {got}: {output}")
        case.says(output, why)
    # A row of which the expression cannot be computed: found before anything is made.
    for check, why in (("1 / (c - 5) < 9", "division by zero"), ('"My schema".odd(c)', "an error was raised")):
        config = case.write_config("error.yaml", sql=f"ALTER TABLE {T} ADD y int, ADD CHECK ({check})")
        got, output = case.pgwraith("run", config=config)
        case.check(got == 3, f"exit {got}: {output}")
        case.says(output, why, "nothing was changed")
    case.check_nothing_happened(before)
    # A table without rows takes what nothing has to be computed for; what only the server may read, it reads.
    case.superuser('CREATE TABLE "My schema".unread (id int PRIMARY KEY); INSERT INTO "My schema".unread SELECT generate_series(1, 20); '
                   'GRANT REFERENCES ON "My schema".unread TO migrator')
    case.psql('CREATE TABLE "My schema"."T2" (id int)')
    sql = 'ALTER TABLE "My schema"."T2" ADD y int NOT NULL, ADD PRIMARY KEY (id), ADD FOREIGN KEY (y) REFERENCES "My schema".unread'
    got, output = case.pgwraith("run", config=case.write_config("empty.yaml", sql=sql, table='"My schema"."T2"',
                                                                state_dir=str(case.dir / "empty")))
    case.check(got == 0, f"exit {got}: {output}")
    case.check(case.superuser("SELECT count(*) = 2 FROM pg_constraint WHERE conrelid = '\"My schema\".\"T2\"'::regclass "
                              "AND convalidated AND contype IN ('p', 'f')") == "t", "both are there")
