CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i % 3 FROM generate_series(1, 500) AS i;
