CREATE TABLE t (
    id int PRIMARY KEY, a int,
    src regclass DEFAULT 't'::regclass,
    many regclass[] DEFAULT ARRAY['t'::regclass, 'pg_class'::regclass],
    kind regtype NOT NULL DEFAULT 't[]'::regtype,
    CONSTRAINT own CHECK (src = 't'::regclass OR id = 3),
    CONSTRAINT later CHECK (src IS DISTINCT FROM 'pg_type'::regclass AND many <> ARRAY['t'::regclass]) NOT VALID,
    CONSTRAINT typed CHECK (NULL::t IS NULL),
    EXCLUDE USING btree (id WITH =) WHERE (src = 't'::regclass)
);
COMMENT ON CONSTRAINT own ON t IS 'its own ''t''::regclass';
CREATE INDEX part ON t (a) WHERE src = 't'::regclass;
COMMENT ON INDEX part IS 'of its own rows';
CREATE INDEX computed ON t ((src = 't'::regclass), (id + ('t'::regclass IS NULL)::int));
CREATE STATISTICS own_statistics ON (src = 't'::regclass), a FROM t;
COMMENT ON STATISTICS own_statistics IS 'of itself';
ALTER STATISTICS own_statistics SET STATISTICS 77;
CREATE POLICY own ON t USING (src = 't'::regclass);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER own BEFORE UPDATE ON t FOR EACH ROW WHEN (new.src = 't'::regclass) EXECUTE FUNCTION f();
CREATE TABLE other (id int, t regclass DEFAULT 't'::regclass);
INSERT INTO t (id, a) SELECT i, i FROM generate_series(1, 2001) AS i;
UPDATE t SET src = 'pg_class', many = NULL WHERE id = 3;
CREATE VIEW seen AS SELECT 't'::regclass AS of, count(*) FROM t;
