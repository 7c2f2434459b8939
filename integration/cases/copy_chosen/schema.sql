CREATE TABLE t (id int PRIMARY KEY, pad text);
ALTER TABLE t ALTER pad SET STORAGE PLAIN;
INSERT INTO t SELECT i, repeat('p', 1900) FROM generate_series(1, 44000) AS i;
