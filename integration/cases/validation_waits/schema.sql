CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE TABLE c (id int PRIMARY KEY, t int NOT NULL REFERENCES t);
CREATE TABLE other (t int REFERENCES t);
INSERT INTO t SELECT i, i FROM generate_series(1, 2000) AS i;
INSERT INTO c SELECT i, i FROM generate_series(1, 2000) AS i;
