CREATE TABLE t (id int PRIMARY KEY, a int, b text);
INSERT INTO t SELECT i, i, 'b' || i FROM generate_series(1, 10000) AS i;
CREATE STATISTICS unwanted ON a, b FROM t;
CREATE STATISTICS replaced ON a, b FROM t;
