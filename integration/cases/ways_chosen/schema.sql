CREATE TABLE t (id int PRIMARY KEY, a int, b text, c text DEFAULT 'late', d text);
INSERT INTO t SELECT i, i, repeat('b', 100), CASE WHEN i % 10 > 0 THEN 'c' END, repeat('d', 100)
    FROM generate_series(1, 5000) AS i;
VACUUM (ANALYZE) t;
