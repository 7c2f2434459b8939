CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE q (id int PRIMARY KEY);
INSERT INTO p SELECT i FROM generate_series(1, 10) AS i;
INSERT INTO q SELECT i FROM generate_series(1, 10) AS i;
CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p, q int REFERENCES q, a int);
INSERT INTO t SELECT i, 1 + i % 10, 1 + i % 10, i FROM generate_series(1, 100) AS i;
