CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i; CREATE VIEW seen AS SELECT id, a FROM t;
