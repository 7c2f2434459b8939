CREATE TABLE t (id int PRIMARY KEY, mail text, n int);
INSERT INTO t SELECT i, 'm' || i % 400, i FROM generate_series(1, 500) AS i;
