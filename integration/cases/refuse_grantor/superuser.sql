DO $$ BEGIN CREATE ROLE middle_man; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE t (id int PRIMARY KEY, a int);
INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
ALTER TABLE t OWNER TO migrator;
GRANT SELECT ON t TO middle_man WITH GRANT OPTION;
SET ROLE middle_man;
GRANT SELECT ON t TO app;
