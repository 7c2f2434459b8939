CREATE TABLE t (a text, id int NOT NULL, n int, other int UNIQUE);
CREATE UNIQUE INDEX t_identity ON t (id);
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT NULL, i, 0, i FROM generate_series(0, 7999) AS i;
INSERT INTO twin SELECT * FROM t;
CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t (other));
INSERT INTO child SELECT i, i * 8 + 5 FROM generate_series(0, 999) AS i;
