CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, pad text);
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT i, 0, repeat('p', 100) FROM generate_series(0, 19999 - 1) AS i;
INSERT INTO twin SELECT * FROM t;
