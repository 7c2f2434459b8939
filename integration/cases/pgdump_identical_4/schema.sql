CREATE TABLE parent (id int PRIMARY KEY, x text);
CREATE TABLE pair (a int, b text, PRIMARY KEY (a, b));
INSERT INTO parent SELECT i, 'x' FROM generate_series(1, 1000) AS i;
INSERT INTO pair SELECT i, 'b' FROM generate_series(1, 1000) AS i;
CREATE TABLE t (
    gone int,
    id bigint GENERATED ALWAYS AS IDENTITY (MINVALUE -5 START 1 MAXVALUE 99999999 CACHE 3) CONSTRAINT t_pkey PRIMARY KEY USING INDEX TABLESPACE "slow disk",
    n serial,
    region text COLLATE "C" NOT NULL DEFAULT 'here' || 1,
    up bigint CONSTRAINT "up FK" REFERENCES t ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    p int REFERENCES parent ON DELETE SET NULL ON UPDATE CASCADE,
    q int, r text, late int,
    body text COMPRESSION pglz,
    amount numeric(12, 2) DEFAULT 1.5 CONSTRAINT "not negative" CHECK (amount >= 0) NO INHERIT,
    twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
    span int8range,
    CONSTRAINT t_region UNIQUE (region, n) WITH (fillfactor = 70),
    CONSTRAINT "the pair" FOREIGN KEY (q, r) REFERENCES pair MATCH FULL ON UPDATE CASCADE ON DELETE RESTRICT DEFERRABLE,
    CONSTRAINT spans EXCLUDE USING gist (span WITH &&) WITH (fillfactor = 60) WHERE (amount > 0) DEFERRABLE
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.3, parallel_workers = 3, toast.autovacuum_vacuum_threshold = 77, toast.autovacuum_enabled = false)
  TABLESPACE "slow disk";
ALTER TABLE t DROP COLUMN gone;
INSERT INTO t (region, up, p, q, r, late, body, amount, span)
  SELECT 'r' || i % 7, nullif(i - 1, 0), i % 1000 + 1, i % 1000 + 1, 'b', CASE i WHEN 10000 THEN -1 END, 'body ' || i, i / 3.0, int8range(i, i + 1) FROM generate_series(1, 10000) AS i;
ALTER TABLE t ADD FOREIGN KEY (late) REFERENCES parent NOT VALID, ADD CONSTRAINT later CHECK (late > 0) NOT VALID;
CREATE TABLE twin (id bigint PRIMARY KEY, n int, region text, up bigint, p int, q int, r text, body text, amount numeric(12, 2), twice numeric, span int8range);
INSERT INTO twin SELECT id, n, region, up, p, q, r, body, amount, twice, span FROM t;
CREATE INDEX t_body ON t (body text_pattern_ops DESC NULLS LAST, lower(body)) INCLUDE (amount) TABLESPACE "slow disk";
CREATE INDEX t_partial ON t USING btree (p, amount) WITH (deduplicate_items = off) WHERE amount > 10;
CREATE UNIQUE INDEX t_ident ON t (n, region) INCLUDE (up);
CREATE INDEX "t Brin" ON t USING brin (id, (n % 3)) WITH (pages_per_range = 16);
ALTER INDEX t_body ALTER COLUMN 2 SET STATISTICS 432;
ALTER TABLE t REPLICA IDENTITY USING INDEX t_ident;
ALTER TABLE t CLUSTER ON t_region;
ALTER TABLE t ALTER body SET STORAGE EXTERNAL, ALTER region SET STATISTICS 321, ALTER region SET (n_distinct = -0.25, n_distinct_inherited = 10), ALTER span SET STORAGE MAIN;
CREATE STATISTICS "on two" (dependencies, ndistinct) ON region, p FROM t;
CREATE STATISTICS on_expressions ON (p % 7), (lower(body)) FROM t;
ALTER STATISTICS "on two" SET STATISTICS 55;
CREATE TABLE cascades (id bigserial PRIMARY KEY, t bigint NOT NULL CONSTRAINT "cascades FK" REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE nulls (id bigserial PRIMARY KEY, region text DEFAULT 'd', n int, FOREIGN KEY (region, n) REFERENCES t (region, n) ON DELETE SET NULL (n) ON UPDATE RESTRICT);
CREATE TABLE composite (id bigserial PRIMARY KEY, region text, n int, FOREIGN KEY (n, region) REFERENCES t (n, region) MATCH FULL ON DELETE CASCADE);
CREATE TABLE defers (id bigserial PRIMARY KEY, t bigint REFERENCES t DEFERRABLE INITIALLY DEFERRED);
CREATE SCHEMA app;
CREATE TABLE app."Far Away" (id int PRIMARY KEY, t bigint DEFAULT 1 REFERENCES t ON DELETE SET DEFAULT, k int DEFAULT nextval('t_n_seq'));
CREATE TABLE app."Self" (t bigint CONSTRAINT "Self" REFERENCES t);
CREATE TABLE fired (rel text, op text, id bigint);
CREATE TABLE ruled (id bigint);
CREATE VIEW barrier WITH (security_barrier) AS SELECT id, n, region, body, amount FROM t WHERE id > 0 AND body IS NOT NULL;
CREATE VIEW app.checked WITH (security_invoker = true) AS SELECT id, n, region AS "The Region", body FROM barrier WHERE region <> 'never' WITH CASCADED CHECK OPTION;
CREATE VIEW "Joined" AS SELECT t.id, t.body AS said, parent.x FROM t LEFT JOIN parent ON parent.id = t.p;
CREATE VIEW ruled_view AS SELECT id, up FROM t WHERE p IS NOT NULL WITH LOCAL CHECK OPTION;
CREATE VIEW counted AS SELECT region, count(*) AS rows FROM t GROUP BY region;
CREATE VIEW deepest AS SELECT c."The Region" AS region, j.x FROM app.checked AS c JOIN "Joined" AS j USING (id);
CREATE VIEW grouped AS SELECT id, body, count(*) FROM t GROUP BY id;
CREATE MATERIALIZED VIEW totals WITH (autovacuum_enabled = false) AS SELECT count(*) AS rows, sum(amount) AS amount FROM t;
CREATE UNIQUE INDEX totals_one ON totals (rows);
CREATE FUNCTION how_many() RETURNS bigint STABLE SECURITY DEFINER SET search_path = public BEGIN ATOMIC SELECT count(*) FROM t; END;
CREATE FUNCTION body_of(which bigint DEFAULT 1, OUT body text) STABLE PARALLEL SAFE RETURN (SELECT t.body FROM t WHERE t.id = which);
CREATE FUNCTION write_joined() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE t SET body = NEW.said WHERE id = OLD.id; RETURN NEW; END';
CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fired VALUES (TG_RELNAME, TG_OP, CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END);
  RETURN NULL;
END $$;
CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE '% fired', TG_NAME; END $$;
CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION log();
CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON twin FOR EACH ROW EXECUTE FUNCTION log();
CREATE TRIGGER off BEFORE UPDATE OF body, p ON t FOR EACH ROW WHEN (old.body <> new.body) EXECUTE FUNCTION complain(' ON ', 'x');
CREATE TRIGGER on_replica AFTER DELETE ON t REFERENCING OLD TABLE AS o FOR EACH STATEMENT EXECUTE FUNCTION complain();
CREATE TRIGGER truncated BEFORE TRUNCATE ON t EXECUTE FUNCTION complain();
CREATE CONSTRAINT TRIGGER "Later" AFTER INSERT OR UPDATE ON t FROM parent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.region = 'bad') EXECUTE FUNCTION complain();
ALTER TABLE t ENABLE ALWAYS TRIGGER log, DISABLE TRIGGER off, ENABLE REPLICA TRIGGER on_replica;
CREATE TRIGGER write_it INSTEAD OF UPDATE ON "Joined" FOR EACH ROW EXECUTE FUNCTION write_joined();
CREATE RULE "no TO delete" AS ON DELETE TO t WHERE old.id = 1 DO INSTEAD INSERT INTO ruled VALUES (old.id);
CREATE RULE off AS ON UPDATE TO t DO ALSO INSERT INTO ruled VALUES (-new.id);
ALTER TABLE t DISABLE RULE off;
CREATE RULE from_ruled AS ON DELETE TO ruled_view DO INSTEAD DELETE FROM t WHERE t.id = OLD.id;
CREATE RULE forward AS ON INSERT TO ruled DO ALSO UPDATE t SET body = 'forwarded' WHERE id = new.id + 1000000000;
CREATE POLICY mine ON t TO app, PUBLIC USING (region <> 'hidden') WITH CHECK (amount IS NOT NULL AND EXISTS (SELECT FROM parent WHERE id > 0));
CREATE POLICY "Narrow" ON t AS RESTRICTIVE FOR DELETE TO app USING (id <> 7 AND p IN (SELECT id FROM parent));
CREATE POLICY theirs ON cascades USING (EXISTS (SELECT FROM t WHERE t.id = cascades.t)) WITH CHECK (t NOT IN (SELECT u.id FROM t AS u WHERE u.region = 'bad'));
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE cascades ENABLE ROW LEVEL SECURITY;
CREATE PUBLICATION filtered FOR TABLE t (id, n, region, body) WHERE (n > 5 AND region <> 'x'), twin;
CREATE PUBLICATION inserts FOR TABLE ONLY t WHERE (amount > 1) WITH (publish = 'insert');
REVOKE TRIGGER, REFERENCES ON t FROM migrator;
GRANT SELECT ON t TO keeper, PUBLIC;
GRANT INSERT, DELETE ON t TO "Grant Or" WITH GRANT OPTION;
GRANT SELECT (body, n), UPDATE (body) ON t TO "Grant Or" WITH GRANT OPTION;
GRANT REFERENCES (id) ON t TO keeper;
GRANT USAGE, SELECT ON SEQUENCE t_id_seq TO "Grant Or" WITH GRANT OPTION;
GRANT SELECT ON SEQUENCE t_n_seq TO reader, PUBLIC;
SET ROLE "Grant Or";
GRANT INSERT ON t TO reader;
GRANT SELECT (body), UPDATE (body) ON t TO reader;
GRANT USAGE ON SEQUENCE t_id_seq TO reader;
RESET ROLE;
ALTER SEQUENCE t_n_seq CYCLE MAXVALUE 90000000 CACHE 2;
ALTER VIEW counted OWNER TO keeper;
ALTER VIEW app.checked ALTER COLUMN body SET DEFAULT 'from the view';
GRANT USAGE ON SCHEMA app TO PUBLIC;
GRANT ALL ON app.checked TO app;
GRANT SELECT ON barrier TO reader WITH GRANT OPTION;
GRANT UPDATE (said) ON "Joined" TO reader;
GRANT SELECT (rows) ON totals TO reader;
REVOKE ALL ON FUNCTION how_many() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION how_many() TO app, reader WITH GRANT OPTION;
COMMENT ON TABLE t IS 'the table''s \ comment';
COMMENT ON COLUMN t.body IS E'two\nlines';
COMMENT ON SEQUENCE t_id_seq IS 'identity'; COMMENT ON SEQUENCE t_n_seq IS 'serial';
COMMENT ON INDEX t_body IS 'by body'; COMMENT ON INDEX t_pkey IS 'the key''s index';
COMMENT ON CONSTRAINT t_region ON t IS 'region'; COMMENT ON CONSTRAINT spans ON t IS 'spans'; COMMENT ON CONSTRAINT "not negative" ON t IS 'amounts';
COMMENT ON CONSTRAINT later ON t IS 'later'; COMMENT ON CONSTRAINT "up FK" ON t IS 'up'; COMMENT ON CONSTRAINT "the pair" ON t IS 'both';
COMMENT ON CONSTRAINT "cascades FK" ON cascades IS 'it''s theirs';
COMMENT ON STATISTICS "on two" IS 'two columns';
COMMENT ON TRIGGER "Later" ON t IS 'deferred'; COMMENT ON TRIGGER write_it ON "Joined" IS 'writes';
COMMENT ON RULE "no TO delete" ON t IS 'kept'; COMMENT ON RULE from_ruled ON ruled_view IS 'deletes'; COMMENT ON RULE forward ON ruled IS 'forwards';
COMMENT ON POLICY mine ON t IS 'it''s mine'; COMMENT ON POLICY theirs ON cascades IS 'theirs';
COMMENT ON VIEW app.checked IS 'checked'; COMMENT ON COLUMN app.checked."The Region" IS 'where'; COMMENT ON VIEW counted IS 'per region';
COMMENT ON MATERIALIZED VIEW totals IS 'totals'; COMMENT ON COLUMN totals.amount IS 'sum'; COMMENT ON INDEX totals_one IS 'one row';
COMMENT ON FUNCTION how_many IS 'all of them'; COMMENT ON PUBLICATION filtered IS 'some columns';
