CREATE FUNCTION ok(x int) RETURNS boolean LANGUAGE sql AS 'SELECT x < 100';
CREATE FUNCTION ok(x bigint) RETURNS boolean LANGUAGE sql AS 'SELECT x < 10';
CREATE TABLE t (id int PRIMARY KEY, a int CHECK (ok(a)), n int);
INSERT INTO t SELECT i, i, i FROM generate_series(1, 50) i;
CREATE OR REPLACE FUNCTION ok(x int) RETURNS boolean LANGUAGE sql AS 'SELECT x < 10';
