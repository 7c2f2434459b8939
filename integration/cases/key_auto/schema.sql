CREATE TABLE t (a text, id int NOT NULL, n int, made int NOT NULL DEFAULT 3, nullable int UNIQUE);
CREATE UNIQUE INDEX t_identity ON t (id);
CREATE UNIQUE INDEX t_two ON t (made, id DESC) INCLUDE (n);
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT NULL, i, 0, 3, i FROM generate_series(0, 7999) AS i;
INSERT INTO twin SELECT * FROM t;
CREATE PUBLICATION inserts FOR TABLE t (a) WITH (publish = 'insert');
