CREATE TABLE t (a text, id int PRIMARY KEY, n int, m int GENERATED ALWAYS AS (n * 2) STORED, wide text);
ALTER TABLE t REPLICA IDENTITY FULL;
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t (id, n, wide) SELECT i, 0, repeat(md5(i::text), 10) FROM generate_series(0, 7999) AS i;
INSERT INTO twin (id, n, wide) SELECT id, n, wide FROM t;
