CREATE TABLE t (id int PRIMARY KEY, a int);
INSERT INTO t SELECT i, NULLIF(i, 4321) FROM generate_series(1, 5000) AS i;
