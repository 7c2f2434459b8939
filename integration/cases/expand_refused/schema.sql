CREATE TABLE t (id int PRIMARY KEY, username text UNIQUE, size text);
INSERT INTO t SELECT i, 'u' || i, CASE WHEN i = 77 THEN 'large' ELSE i::text END FROM generate_series(1, 1000) AS i;
CREATE VIEW v AS SELECT username FROM t;
CREATE TABLE child (t text REFERENCES t (username));
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER audit AFTER UPDATE OF username ON t FOR EACH ROW EXECUTE FUNCTION noop();
ALTER TABLE t ADD shout text GENERATED ALWAYS AS (upper(username)) STORED;
