CREATE TABLE t (id int PRIMARY KEY, other int NOT NULL, a int);
CREATE UNIQUE INDEX t_other ON t (other);
INSERT INTO t SELECT i, i, 0 FROM generate_series(1, 20000) AS i;
