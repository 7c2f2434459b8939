TAKEN = {
    "rails": 'ALTER TABLE "t" ALTER COLUMN "id" TYPE bigint',
    "rails, with its lock timeout": "SET lock_timeout TO '5s';\nALTER TABLE \"t\" ALTER COLUMN \"id\" TYPE bigint;\nRESET lock_timeout;",
    "alembic": "BEGIN;\n\n-- Running upgrade 1975ea83b712 -> 27c6a30d7c24\n\nALTER TABLE t ALTER COLUMN id TYPE BIGINT;\n\nCOMMIT;\n",
    "flyway": "-- V7__wider.sql\r\nSET LOCAL statement_timeout = 0;\r\nALTER TABLE IF EXISTS ONLY public.t\r\n  ALTER COLUMN id SET DATA TYPE bigint;\r\n"
              "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_name ON public.t (name);\r\n",
    "prisma": '-- AlterTable\nALTER TABLE "public"."t" DROP CONSTRAINT "t_pkey",\nALTER COLUMN "id" DROP DEFAULT,\nALTER COLUMN "id" SET DATA TYPE BIGINT,\n'
              'ADD CONSTRAINT "t_pkey" PRIMARY KEY ("id");\n\n-- CreateIndex\nCREATE INDEX "t_name_idx" ON "public"."t"("name");\n',
    "typeorm": 'START TRANSACTION; ALTER TABLE "t" ALTER COLUMN "id" TYPE bigint; ALTER TABLE "t" ADD "more" character varying NOT NULL DEFAULT \'x\'; COMMIT',
    "ecto": 'ALTER TABLE "public"."t" ALTER COLUMN "id" TYPE bigint, ALTER COLUMN "id" SET NOT NULL;',
    "hibernate": "alter table if exists t alter column id set data type bigint",
    "casts": "ALTER TABLE t ALTER id TYPE int8 USING (CAST(t.id AS bigint))",
    "casts, the schema said": "ALTER TABLE t ALTER id TYPE bigint USING public.t.id::int8",
    "the bare column": "ALTER TABLE t ALTER id TYPE bigint USING id",
    "transactions within": "BEGIN; SAVEPOINT a; ALTER TABLE t ADD x int; RELEASE a; END;",
    "what surrounds": "SET client_min_messages = warning; LOCK TABLE t IN ACCESS EXCLUSIVE MODE; ALTER TABLE t ADD x int; ANALYZE t; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    "an index dropped": "DROP INDEX CONCURRENTLY IF EXISTS t_other, public.nowhere; COMMENT ON COLUMN t.id IS 'key'",
    "an added serial's sequence": "ALTER TABLE t ADD n serial; ALTER SEQUENCE t_n_seq AS bigint; COMMENT ON TABLE t IS 'x'",
    "the owner said again": "ALTER SEQUENCE t_id_seq OWNED BY public.t.id",
}

REFUSED = {
    "BEGIN; COMMIT;": "nothing in `sql` changes the table",
    "\\set x 1\nALTER TABLE t ADD x int": r"\\set is a command of psql",
    "ALTER TABLE t ADD x int;\n\\d t": r"line 2: \\d is a command of psql",
    "BEGIN; ALTER TABLE t ADD x int; ROLLBACK;": "ROLLBACK would undo",
    "SET search_path = x; ALTER TABLE t ADD x int": "SET search_path may change what the statements mean",
    "ALTER SEQUENCE t_id_seq RESTART WITH 5": "RESTART: numbers are handed out",
    "ALTER SEQUENCE lonely AS integer": "no column of .* owns the sequence lonely",
    "ALTER SEQUENCE nowhere AS bigint": "there is no sequence nowhere",
    "ALTER SEQUENCE t_id_seq OWNED BY NONE": "OWNED BY gives the sequence to something else",
    "ALTER SEQUENCE t_id_seq OWNED BY t.other": "OWNED BY changes the owner",
    "ALTER SEQUENCE t_id_seq AS smallint MAXVALUE 100000": "the server refuses it: .*MAXVALUE",
    "ALTER TABLE t ADD x int; UPDATE alembic_version SET version_num = 'a'": "line 1: UPDATE alembic_version is not allowed here|UPDATE is not allowed here",
    "ALTER TABLE t ALTER id TYPE bigint USING id + 1": "key column id gets another value",
    "ALTER TABLE t ALTER id TYPE bigint USING id::text::bigint": "key column id gets another value",
    "DROP INDEX IF EXISTS elsewhere_n": "elsewhere_n",
    "LOCK TABLE elsewhere": "LOCK TABLE is not allowed here",
    "PREPARE TRANSACTION 'x'": "prepared transactions",
}


def run(case):
    case.psql("INSERT INTO t (name) SELECT i::text FROM generate_series(1, 100) AS i")
    for name, sql in TAKEN.items():
        code, output = case.pgwraith("plan", config=case.write_config("taken.yaml", sql=sql))
        case.check(code == 0, f"{name}: plan takes it: {code} {output}")
    for sql, why in REFUSED.items():
        code, output = case.pgwraith("plan", config=case.write_config("refused.yaml", sql=sql))
        case.check(code == 3, f"plan refuses {sql!r}: {code} {output}")
        case.says(output, why)
