CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
ALTER TABLE t OWNER TO migrator;
CREATE STATISTICS theirs ON id, a FROM t;
ALTER STATISTICS theirs OWNER TO app;
