CREATE TABLE t (at timestamptz, span interval, raw bytea, day date, name text, x float8, n int NOT NULL, PRIMARY KEY (at, span, raw, day, name));
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT timestamptz '2024-03-31 00:30:00+00' + i * interval '7 minutes 0.123456 s', interval '1 mon -2 days' + i * interval '61 s',
    decode(md5(i::text), 'hex') || '\x00ff5c27'::bytea, date '1999-12-31' + i, 'Ω' || i % 8, i / 7.0, 0
FROM generate_series(0, 7999) AS i;
INSERT INTO twin SELECT * FROM t;
CREATE SCHEMA decoy;
CREATE TABLE decoy.t (id int PRIMARY KEY);
CREATE FUNCTION decoy.count(x int) RETURNS int LANGUAGE sql AS 'SELECT 1/0';
