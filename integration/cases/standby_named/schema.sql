CREATE TABLE t (id int PRIMARY KEY, n int, x text);
INSERT INTO t SELECT i, i, repeat('x', 50) FROM generate_series(1, 20000) i;
