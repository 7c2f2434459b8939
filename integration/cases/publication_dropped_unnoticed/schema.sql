CREATE TABLE t (id int PRIMARY KEY, a int);
INSERT INTO t SELECT i, 0 FROM generate_series(1, 500) AS i;
