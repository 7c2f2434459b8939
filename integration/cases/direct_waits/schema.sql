CREATE TABLE p (id int PRIMARY KEY, n int);
INSERT INTO p VALUES (1, 0), (2, 0);
CREATE TABLE t (id int PRIMARY KEY, p int);
INSERT INTO t SELECT i, 1 + i % 2 FROM generate_series(1, 2000) i;
