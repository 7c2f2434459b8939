CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t SELECT i, i FROM generate_series(1, 5000) i;
CREATE TABLE load (n float8);
INSERT INTO load VALUES (0);
