CREATE FUNCTION is_small(x int) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT x < 10000';
CREATE DOMAIN small AS int CONSTRAINT small_enough CHECK (is_small(VALUE));
CREATE TABLE t (id int PRIMARY KEY, a small, note text);
INSERT INTO t SELECT i, CASE WHEN i = 2900 THEN 4711 ELSE i END, repeat('n', 100) FROM generate_series(1, 3000) AS i;
CREATE OR REPLACE FUNCTION is_small(x int) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT x < 4000';
