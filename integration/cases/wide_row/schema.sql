CREATE TABLE t (id int PRIMARY KEY, wide text, more bytea);
ALTER TABLE t ALTER wide SET STORAGE EXTERNAL;
INSERT INTO t SELECT i, repeat('w', 2000000 + i), NULL FROM generate_series(1, 10) AS i;
INSERT INTO t SELECT i, 'narrow', '\x00' FROM generate_series(11, 2000) AS i;
