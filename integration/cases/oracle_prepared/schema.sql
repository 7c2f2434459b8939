CREATE TABLE t (
    id int PRIMARY KEY,
    code text UNIQUE,
    a int NOT NULL DEFAULT 0,
    b text,
    gone int DEFAULT 7,
    c numeric,
    n bigint NOT NULL DEFAULT 0,
    note text
);
-- ids below 64,000: 1,000 rows per stripe (id % 64 is the stripe, a stripe has one writer); id 0 is everybody's.
INSERT INTO t (id, code, a, b, c, note)
SELECT i, 'c' || i, i % 100, repeat('b', i % 50), i / 7.0, CASE WHEN i % 3 = 0 THEN NULL ELSE 'note ' || i END
FROM generate_series(0, 63999) AS i WHERE i % 64 < 34 OR i = 0;
CREATE INDEX t_a ON t (a);
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO twin SELECT * FROM t;
