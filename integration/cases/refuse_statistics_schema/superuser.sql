CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
ALTER TABLE t OWNER TO migrator;
CREATE SCHEMA shut; GRANT USAGE ON SCHEMA shut TO migrator;
CREATE STATISTICS shut.away ON id, a FROM t;
ALTER STATISTICS shut.away OWNER TO migrator;
