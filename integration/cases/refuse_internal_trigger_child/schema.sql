CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE TABLE child (t int REFERENCES t);
INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
