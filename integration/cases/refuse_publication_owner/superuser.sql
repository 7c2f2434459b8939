DO $$ BEGIN CREATE ROLE somebody_else SUPERUSER; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE t (id int PRIMARY KEY, a int);
INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
ALTER TABLE t OWNER TO migrator;
CREATE PUBLICATION theirs FOR TABLE t;
CREATE PUBLICATION "Also theirs" FOR TABLE t;
ALTER PUBLICATION "Also theirs" OWNER TO somebody_else;
ALTER PUBLICATION theirs OWNER TO somebody_else;
