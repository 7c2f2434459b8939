CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, pad text);
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT i, 0, 'p' || i FROM generate_series(0, 9999) AS i;
INSERT INTO twin SELECT * FROM t;
