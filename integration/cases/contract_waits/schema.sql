CREATE TABLE p (id int PRIMARY KEY);
INSERT INTO p VALUES (1), (2);
CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES p);
INSERT INTO t SELECT i, 1 + i % 2 FROM generate_series(1, 2000) i;
