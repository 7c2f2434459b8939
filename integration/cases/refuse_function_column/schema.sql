CREATE TABLE t (id int PRIMARY KEY, a int, c int); INSERT INTO t SELECT i, i, i FROM generate_series(1, 100) AS i;
CREATE FUNCTION on_dropped() RETURNS bigint BEGIN ATOMIC SELECT sum(a) FROM t; END;
CREATE FUNCTION on_renamed() RETURNS bigint BEGIN ATOMIC SELECT sum(c) FROM t; END;
CREATE FUNCTION content() RETURNS bigint BEGIN ATOMIC SELECT sum(id) FROM t; END;
