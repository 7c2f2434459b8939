DO $$ BEGIN CREATE ROLE view_granter; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE VIEW seen AS SELECT id, a FROM t;
ALTER TABLE t OWNER TO migrator; ALTER VIEW seen OWNER TO migrator;
GRANT SELECT ON seen TO view_granter WITH GRANT OPTION;
SET ROLE view_granter; GRANT SELECT ON seen TO app; RESET ROLE;
