CREATE TABLE t (id int PRIMARY KEY, note text);
INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 100000) AS i;
