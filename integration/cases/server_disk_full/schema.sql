CREATE TABLE t (id int PRIMARY KEY, pad text);
INSERT INTO t SELECT i, repeat('p', 100) FROM generate_series(1, 8000) AS i;
