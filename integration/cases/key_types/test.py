"""One small table per key type; everything happens to its rows while the migration is ready and waits."""

from concurrent.futures import ThreadPoolExecutor

from program import Run

# type: the i-th key, for i from 0 to 1,999
KEYS = {
    "smallint": "(i - 1000)::smallint",
    "int": "i - 1000",
    "bigint": "i * 4611686018427387 - 9000000000",
    "numeric": "i::numeric / 3",
    "numeric(10,2)": "i / 4.0",
    "text": "'k' || chr(1 + i % 126) || E' \\\\ \\t \\n '' \" , {} ü€ ' || i",
    'text COLLATE "C"': "repeat('x', i % 200) || i",
    "text COLLATE nocase": "'Key' || i",
    "citext": "'Key' || i",
    "varchar(40)": "'v' || i",
    "char(12)": "'c ' || i",
    "name": "'n' || i",
    "uuid": "md5(i::text)::uuid",
    "bytea": "decode(md5(i::text), 'hex') || '\\x00275c0aff'::bytea",
    "boolean": "i = 0",
    "date": "date '0044-03-15 BC' + i * 700",
    "timestamp": "timestamp '1999-12-31 23:59:59.999999' + i * interval '1 day 0.000001 s'",
    "timestamptz": "timestamptz '2024-03-31 00:00:00.000001+00' + i * interval '11 minutes'",
    "time": "time '00:00' + i * interval '40.000001 s'",
    "timetz": "timetz '00:00+05:45' + i * interval '40 s'",
    "interval": "i * interval '1 mon -1 day 00:00:01.5'",
    "inet": "inet '10.0.0.0/8' + i",
    "cidr": "cidr '10.0.0.0/32' + i",
    "macaddr": "('08:00:2b:01:' || lpad(to_hex(i / 256), 2, '0') || ':' || lpad(to_hex(i % 256), 2, '0'))::macaddr",
    "bit(16)": "i::bit(16)",
    "varbit": "(i::bit(16))::varbit || B'1'",
    "money": "(i * 1000)::money",
    "oid": "(i + 4000000000)::oid",
    "pg_lsn": "('1/' || to_hex(i))::pg_lsn",
    "jsonb": "jsonb_build_object('a', i, 'b\"', ARRAY['x'])",
    "int4range": "int4range(i, i + 5)",
    "tstzrange": "tstzrange(timestamptz '2024-01-01+00' + i * interval '1 h', NULL)",
    "colour": "(ARRAY['red', 'light ''green''', 'blue'])[1 + i % 3]::colour",
    "positive": "(i + 1)::positive",
}


def make(case, number, kind, expression):
    rows = {"boolean": 2, "colour": 3}.get(kind, 2000)
    key = f"CASE WHEN true THEN {expression} END"
    case.psql(f"CREATE TABLE k{number} (pad text, id {kind}, n int, PRIMARY KEY (id));"
              f"INSERT INTO k{number} SELECT 'pad', {expression}, i FROM generate_series(0, {rows - 1}) AS i;"
              f"CREATE TABLE k{number}_twin (LIKE k{number} INCLUDING ALL); INSERT INTO k{number}_twin SELECT * FROM k{number};")
    return key


def changes(name, expression):
    return ";".join(f"UPDATE {t} SET n = n + 10000 WHERE n % 3 = 0; DELETE FROM {t} WHERE n % 5 = 1;"
                    f"INSERT INTO {t} SELECT 'again', {expression}, -i FROM generate_series(1, 1) AS i ON CONFLICT (id) DO UPDATE SET n = -1;"
                    f"WITH gone AS (DELETE FROM {t} WHERE n = 2 RETURNING id) SELECT count(*) FROM gone;"
                    f"UPDATE {t} SET id = (SELECT {expression} FROM (VALUES (2)) AS x (i)) WHERE n = 4" for t in (name, name + "_twin"))


def migrate(case, number, kind, expression):
    name = f"k{number}"
    make(case, number, kind, expression)
    config = case.write_config(f"{name}.yaml", table=f"public.{name}", sql=f"ALTER TABLE {name} ALTER n TYPE bigint",
                               state_dir=str(case.dir / f"{name}-state"), cutover={"mode": "manual"})
    run = case.closing(Run(case.program, config, case.dir / f"{name}-state", case.dir / f"{name}.log"))
    try:
        run.wait_phase("ready")
        case.psql("BEGIN;" + changes(name, expression) + "; COMMIT")
        case.succeeds("cutover", config=config)
        case.expect_exit(run, 0)
        case.check_twin([f"SELECT x::text FROM {name} AS x", f"SELECT x::text FROM {name}_twin AS x"])
        return None
    except Exception as error:  # all types are tried, then all failures told
        return f"{kind}: {error}"


def run(case):
    case.psql("CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
              "CREATE TYPE colour AS ENUM ('red', 'light ''green''', 'blue'); CREATE TYPE pair AS (a int, b text);"
              "CREATE DOMAIN positive AS int CHECK (VALUE > 0);")
    with ThreadPoolExecutor(3) as pool:
        failures = list(filter(None, pool.map(lambda item: migrate(case, item[0], *item[1]), enumerate(KEYS.items()))))
    case.notes[:] = [f"{len(KEYS)} key types"]
    case.check(not failures, "every key type works\n" + "\n".join(failures))
    case.check_clean()
