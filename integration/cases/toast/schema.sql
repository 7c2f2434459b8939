CREATE TABLE t (id int PRIMARY KEY, wide text, other text, n int);
ALTER TABLE t ALTER wide SET STORAGE EXTERNAL;
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT i, repeat(md5(i::text), 100 + i % 100), CASE WHEN i % 5 = 0 THEN repeat(md5(i::text), 600) END, 0 FROM generate_series(0, 1999) AS i;
INSERT INTO twin SELECT * FROM t;
