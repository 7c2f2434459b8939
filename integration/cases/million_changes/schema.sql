CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE twin (id int PRIMARY KEY, n int);
INSERT INTO t SELECT i, 0 FROM generate_series(0, 399999) AS i;
INSERT INTO twin SELECT * FROM t;
