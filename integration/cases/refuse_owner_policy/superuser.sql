CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
ALTER TABLE t OWNER TO migrator;
CREATE TABLE other (id int);
CREATE POLICY asks ON other USING (id IN (SELECT id FROM t));
ALTER TABLE other OWNER TO app;
