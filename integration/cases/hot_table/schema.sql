CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL);
INSERT INTO t SELECT i, 0 FROM generate_series(1, 32000) AS i;
CREATE TABLE counter (n int NOT NULL);
INSERT INTO counter VALUES (0);
