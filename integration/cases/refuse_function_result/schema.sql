CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE FUNCTION one_a(which int) RETURNS int BEGIN ATOMIC SELECT a FROM t WHERE id = which; END;
