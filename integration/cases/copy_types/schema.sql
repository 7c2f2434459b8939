CREATE TYPE colour AS ENUM ('red', 'green');
CREATE DOMAIN percent AS numeric(5, 2) CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN share AS percent NOT NULL;
CREATE TABLE t (
    drop1 int, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b boolean, i2 smallint, i4 int, n bigint, num numeric, num2 numeric(20, 5),
    f4 real, f8 double precision, m money, c char(5), v varchar(20), v2 varchar(20), tx text, ty text, by bytea, nm name, ch "char",
    d date, tm time(3), tmtz timetz, ts timestamp, tstz timestamptz(2), iv interval day to second, iv2 interval,
    drop2 text, u uuid, "json" json, js jsonb, js2 json, inet inet, cidr cidr, mac macaddr, mac8 macaddr8,
    pt point, ln line, ls lseg, bx box, ci circle, bi bit(3), vb bit varying(9), lsn pg_lsn, x8 xid8, oid oid, reg regtype, cls regclass,
    r int4range, r8 int8range, rn numrange, rt tsrange, rtz tstzrange, rd daterange, dom percent, dom2 numeric, en colour, wide text,
    gen int GENERATED ALWAYS AS (i4 * 2) STORED, ser serial
);
ALTER TABLE t DROP COLUMN drop1;
INSERT INTO t (b, i2, i4, n, num, num2, f4, f8, m, c, v, v2, tx, ty, by, nm, ch, d, tm, tmtz, ts, tstz, iv, iv2, u, "json", js, js2, inet, cidr, mac, mac8,
    pt, ln, ls, bx, ci, bi, vb, lsn, x8, oid, reg, cls, r, r8, rn, rt, rtz, rd, dom, dom2, en, wide)
SELECT i % 2 = 0, i, i, i * 10000000000, i / 7.0, i / 3.0, i / 7.0, i / 7.0::float8, i, 'c' || i % 10, 'v' || i, 'w' || i, E'\t\\ü' || i, 'y' || i,
    decode(md5(i::text), 'hex'), 'n' || i, 'x',
    date '2024-01-01' + i, '12:34:56.789', '12:00+05:45', timestamp '0044-03-15 BC' + i * interval '1 d', now(), i * interval '1.5 s', i * interval '1 mon 1.23456 s',
    md5(i::text)::uuid, '{"b": 1,  "a": [null]}', jsonb_build_object('i', i, 'n', i / 3.0, 'a', jsonb_build_array(1.50, NULL, 'x')), '{"b": 1,  "a": [null], "b": 2}',
    '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05',
    point(i, 1), '{1,2,3}', '[(0,0),(1,1)]', '((0,0),(1,1))', '<(0,0),2>', B'101', B'1100', '0/16B3748', '77', 77, 'int', 't',
    int4range(i, i + 3), int8range(i, NULL), numrange(0, i / 3.0 + 1), tsrange('2024-01-01', NULL), tstzrange(NULL, '2024-01-01+00'),
    daterange('2024-01-01', '2024-02-01'), i % 100, i % 100 + 0.005, 'red', CASE WHEN i % 500 = 0 THEN repeat(md5(i::text), 100000) ELSE repeat('x', i) END
FROM generate_series(1, 2000) AS i;
INSERT INTO t (i4, dom2) SELECT NULL, 1 FROM generate_series(1, 100);
INSERT INTO t (f8, f4, num, ts, d, r, c, dom2) VALUES ('NaN', '-Infinity', 'NaN', 'infinity', '-infinity', 'empty', '', 0), ('Infinity', 'NaN', 'Infinity', '-infinity', 'infinity', '(,)', '     ', 0),
    ('-0', '-0', '-0.000', '294276-12-31', '4713-01-01 BC', '[1,1]', 'a b', 0), ('1e-300', '1e-30', '1e-300', '1000-01-01', '1000-01-01', '(1,)', NULL, 100), (5e-324, 1e-45, 1e300, now(), now(), NULL, NULL, 50);
