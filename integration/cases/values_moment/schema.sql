CREATE TABLE t (id int PRIMARY KEY, n int, seen timestamp, u timestamptz);
CREATE TABLE twin (id int PRIMARY KEY, n int);
INSERT INTO t SELECT i, 0 FROM generate_series(1, 20000) AS i;
INSERT INTO twin SELECT id, n FROM t;
