CREATE TABLE t (id int PRIMARY KEY, ref text UNIQUE, n int);
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT i, 'r' || i, 0 FROM generate_series(0, 15999) AS i;
INSERT INTO twin SELECT * FROM t;
