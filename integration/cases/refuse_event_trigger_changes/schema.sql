CREATE TABLE t (id int PRIMARY KEY, n int); CREATE INDEX t_n ON t (n); INSERT INTO t SELECT i, i FROM generate_series(1, 500) AS i;
