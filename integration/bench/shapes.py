"""Tables that the tools are compared on. The application increments `n` of the row with number :i."""

import dataclasses


@dataclasses.dataclass
class Shape:
    words: str
    schema: str  # of table t with {rows} rows
    key: str = ":i"


COLUMNS = "customer int NOT NULL, created timestamptz NOT NULL, n int NOT NULL, note text"
INDEXES = "CREATE INDEX t_customer ON t (customer); CREATE INDEX t_created ON t (created, customer)"


def rows(key, note):
    return (f"INSERT INTO t SELECT {key}, hashint4(i) % 100000, timestamptz '2024-01-01' + i * interval '1 s', 0, {note} "
            "FROM generate_series(1, {rows}) AS i")


# Text that does not compress: 32 bytes for each of `hashes`.
def noise(hashes):
    return f"(SELECT string_agg(md5(i::text || '.' || h), '') FROM generate_series(1, {hashes}) AS h)"


SHAPES = {
    "narrow": Shape("a bigint key and two secondary indexes",
                    f"CREATE TABLE t (id bigint PRIMARY KEY, {COLUMNS}); {rows('i', noise(1))}; {INDEXES}"),
    "wide": Shape("of 1 kB, every twentieth with 8 kB in TOAST, a bigint key and two secondary indexes",
                  f"CREATE TABLE t (id bigint PRIMARY KEY, {COLUMNS}); "
                  f"{rows('i', f'CASE WHEN i % 20 = 0 THEN {noise(256)} ELSE {noise(30)} END')}; {INDEXES}"),
    "uuid": Shape("a random uuid as key and two secondary indexes",
                  f"CREATE TABLE t (id uuid PRIMARY KEY, {COLUMNS}); {rows('md5(i::text)::uuid', noise(1))}; {INDEXES}",
                  "md5(:i::text)::uuid"),
    "indexes": Shape("a bigint key and eight secondary indexes",
                     f"CREATE TABLE t (id bigint PRIMARY KEY, {COLUMNS}); {rows('i', noise(1))}; {INDEXES}; "
                     "CREATE INDEX ON t (note); CREATE INDEX ON t (created); CREATE INDEX ON t (customer, created); "
                     "CREATE INDEX ON t (lower(note)); CREATE INDEX ON t (id, customer); CREATE INDEX ON t (customer) WHERE id % 2 = 0"),
}
