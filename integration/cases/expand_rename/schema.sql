CREATE TABLE p (id int PRIMARY KEY);
INSERT INTO p SELECT generate_series(0, 9);
CREATE TABLE t (
    id int PRIMARY KEY,
    n int NOT NULL DEFAULT 0,
    lang text DEFAULT 'en',
    parent int CONSTRAINT t_parent REFERENCES p ON DELETE SET NULL,
    username text NOT NULL UNIQUE CONSTRAINT t_has_name CHECK (username <> '')
);
INSERT INTO t SELECT i, i, CASE WHEN i % 3 > 0 THEN 'de' END, i % 10, 'user ' || i FROM generate_series(1, 8000) AS i;
CREATE INDEX t_lower ON t (lower(username)) WHERE n >= 0;
CREATE INDEX t_parent ON t (parent, username);
CLUSTER t USING t_parent;
CREATE STATISTICS t_st (mcv, ndistinct) ON username, parent, n, (lower(username)) FROM t;
ALTER STATISTICS t_st SET STATISTICS 77;
COMMENT ON STATISTICS t_st IS 'of the login';
COMMENT ON COLUMN t.username IS 'the login';
COMMENT ON INDEX t_lower IS 'for the login';
COMMENT ON CONSTRAINT t_has_name ON t IS 'no empty one';
ALTER TABLE t ALTER username SET STATISTICS 500, ALTER username SET STORAGE EXTERNAL;
ALTER INDEX t_lower ALTER COLUMN 1 SET STATISTICS 300;
GRANT SELECT (username), UPDATE (username) ON t TO PUBLIC;
-- Makes of the row what it likes, before and after ours.
CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := NEW.n + 1; RETURN NEW; END $$;
CREATE TRIGGER zzz_tidy BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tidy();
