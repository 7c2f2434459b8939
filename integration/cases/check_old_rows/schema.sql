CREATE FUNCTION ok(x int) RETURNS boolean LANGUAGE sql AS 'SELECT x < 100';
CREATE FUNCTION today() RETURNS int LANGUAGE sql AS 'SELECT 0';
CREATE TABLE t (id int PRIMARY KEY, a int CHECK (ok(a)), due int CONSTRAINT due CHECK (due >= today()), n int CHECK (n > 0),
    v varchar DEFAULT 'c', CONSTRAINT word CHECK (v IN ('a', 'b') OR ok(a)));
COMMENT ON CONSTRAINT t_a_check ON t IS 'kept';
INSERT INTO t SELECT i, i, i, i FROM generate_series(1, 50) i;
CREATE OR REPLACE FUNCTION ok(x int) RETURNS boolean LANGUAGE sql AS 'SELECT x < 10';
CREATE OR REPLACE FUNCTION today() RETURNS int LANGUAGE sql AS 'SELECT 5';
