CREATE TABLE t (id int PRIMARY KEY, a int, c int); INSERT INTO t SELECT i, i FROM generate_series(1, 3000) AS i;
CREATE VIEW seen AS SELECT id, a FROM t;
CREATE VIEW above AS WITH t AS (SELECT a FROM seen) SELECT a FROM t;
CREATE VIEW fewer AS SELECT id, a FROM t;
CREATE VIEW keyed AS SELECT t.id, t.c, count(s.a) FROM t JOIN seen s USING (id) GROUP BY t.id;
CREATE FUNCTION total() RETURNS bigint BEGIN ATOMIC SELECT sum(a) FROM seen; END;
COMMENT ON COLUMN fewer.a IS 'goes'; COMMENT ON COLUMN fewer.id IS 'stays';
GRANT SELECT (a) ON fewer TO reads_given; GRANT SELECT (id) ON fewer TO reads_given;
ALTER VIEW fewer ALTER COLUMN a SET DEFAULT 5;
