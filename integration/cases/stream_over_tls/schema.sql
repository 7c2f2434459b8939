CREATE TABLE t (id int PRIMARY KEY, n int, pad text);
ALTER TABLE t REPLICA IDENTITY FULL;
INSERT INTO t SELECT i, 0, repeat('x', 1000) FROM generate_series(1, 3000) AS i;
