CREATE TABLE t (a text, id int PRIMARY KEY, n int, wide text);
ALTER TABLE t REPLICA IDENTITY FULL;
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT NULL, i, 0, repeat(md5(i::text), 100) FROM generate_series(0, 7999) AS i;
INSERT INTO twin SELECT * FROM t;
