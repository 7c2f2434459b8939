CREATE TABLE t (id int, during int4range, a int, PRIMARY KEY (id, during WITHOUT OVERLAPS)); INSERT INTO t SELECT i, int4range(i, i + 1) FROM generate_series(1, 100) AS i;
