CREATE TABLE t (id numeric PRIMARY KEY, n int NOT NULL);
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT (i || '.0')::numeric, 0 FROM generate_series(0, 9999) AS i;
INSERT INTO twin SELECT * FROM t;
