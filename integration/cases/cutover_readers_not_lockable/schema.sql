CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p, a int);
INSERT INTO t SELECT i, 1 + i % 10, i FROM generate_series(1, 100) AS i;
