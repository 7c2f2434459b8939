CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(0, 99);
CREATE TABLE t (id int PRIMARY KEY, n int, p int);
INSERT INTO t SELECT i, i, i % 100 FROM generate_series(0, 19999) AS i;
CREATE TABLE twin (id int PRIMARY KEY, n int, p int);
INSERT INTO twin SELECT * FROM t;
CREATE INDEX t_n ON t (n);
