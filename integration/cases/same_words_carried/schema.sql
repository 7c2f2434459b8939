CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN short AS varchar(9);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION any_of(text[]) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';
CREATE TABLE t (id int PRIMARY KEY, a int, b int, s varchar(10) DEFAULT 'a', d short, c char(3), m mood, x text,
    r int4range, tags varchar[], CHECK (a BETWEEN 0 AND 9999 AND b NOT BETWEEN 8 AND 9),
    EXCLUDE USING gist (r WITH &&) WHERE (s IN ('a', 'b') AND a BETWEEN 5 AND 6 AND b = 7));
INSERT INTO t SELECT i, i, 1 FROM generate_series(1, 500) AS i;
ALTER TABLE t ADD CONSTRAINT later CHECK (a BETWEEN 1 AND 7 AND s IN ('a', 'b') OR d NOT IN ('it''s', '(ARRAY[')) NOT VALID;
CREATE INDEX between_two ON t (a) WHERE a BETWEEN 1 AND 2 AND b = 3;
CREATE INDEX computed ON t ((a BETWEEN 1 AND 2 AND s IN ('a', 'b')));
CREATE STATISTICS known ON (s IN ('a', 'b')), (a BETWEEN 1 AND 2 AND b = 3) FROM t;

CREATE TABLE other (id int, s varchar(10), t_id int);
CREATE POLICY reads ON t FOR SELECT TO app USING (s IN ('a', 'b') AND a BETWEEN 1 AND 2 OR m IN ('good', 'bad'));
CREATE POLICY writes ON t AS RESTRICTIVE USING (c IN ('x', 'y') AND s LIKE 'a%' AND s = ANY (ARRAY['a', 'b']::varchar[]))
    WITH CHECK ((a, b) = (1, 2) AND EXISTS (SELECT 1 FROM other WHERE other.s IN ('a', 'b')));
CREATE POLICY with_length ON t USING (s IN ('a'::varchar(3), 'b'::varchar(3)) OR s IN ('a'::varchar(3), 'b'::varchar(5)) OR c IN ('a'::char(3), 'b'::char(2)))
    WITH CHECK (s = ANY (ARRAY[a, b]::varchar(4)[]));
CREATE POLICY elsewhere ON other
    USING (s IN ('a', 'b') AND t_id IN (SELECT id FROM t WHERE t.s IN ('a', 'b') AND t.a BETWEEN 1 AND 2 AND t.id = 3));
CREATE TRIGGER sometimes BEFORE UPDATE ON t FOR EACH ROW
    WHEN (OLD.s IN ('a', 'b') AND NEW.s IN ('c'::varchar(3), 'd'::varchar(3)) AND (NEW.a BETWEEN 1 AND 2 AND NEW.b = 3 AND NEW.d LIKE ANY (ARRAY['a%', 'b%']::varchar[])))
    EXECUTE FUNCTION noted();
CREATE RULE kept AS ON DELETE TO t WHERE OLD.s IN ('x'::varchar(2), 'y'::varchar(2)) AND OLD.a BETWEEN 1 AND 2 AND OLD.b = 3
    DO ALSO INSERT INTO other SELECT OLD.id, q.kind FROM (SELECT 'kept' AS kind UNION ALL SELECT 'it''s') AS q;
CREATE RULE seen AS ON INSERT TO other WHERE NEW.s IN ('a', 'b') AND (EXISTS (SELECT 1 FROM t WHERE t.s IN ('a', 'b')))
    DO ALSO UPDATE t SET x = NEW.s WHERE t.s IN ('c', 'd') AND t.a BETWEEN 1 AND 2 AND t.id = NEW.id;

CREATE VIEW v AS
    SELECT id, 'first' AS kind, NULL AS nothing, s, s IN ('a', 'b') AS listed, a::text || 'x' AS cast_one
      FROM t WHERE s NOT IN ('a', 'b') AND a BETWEEN 1 AND 2 AND b BETWEEN 3 AND 4
    UNION ALL
    SELECT id, 'second', '7', s, true, 'none' FROM t WHERE any_of(ARRAY['a'::varchar, 'b']) AND NOT (a BETWEEN 1 AND 2 OR b = 3)
    UNION SELECT DISTINCT 1, name, name, 'z', CASE WHEN s IN ('p'::varchar(3), 'q'::varchar(3)) THEN false END, coalesce(s, 'z')
      FROM (SELECT x AS name, s FROM t WHERE (a, b) IN ((1, 2), (3, 4)) OR a = 5) AS q;
CREATE VIEW on_view AS SELECT * FROM v WHERE s IN ('a', 'b');
CREATE MATERIALIZED VIEW stored AS SELECT id, s, 'const' AS c FROM t WHERE s IN ('a', 'b') AND a BETWEEN 1 AND 2 AND b = 3;
CREATE INDEX stored_s ON stored (s) WHERE s IN ('a', 'b') AND id BETWEEN 1 AND 2 AND id <> 7;
CREATE FUNCTION counted(wanted varchar DEFAULT 'a') RETURNS bigint LANGUAGE sql STABLE
    BEGIN ATOMIC SELECT count(*) FROM t WHERE s IN ('a', wanted, 'b') AND s IN ('a', 'b') AND a BETWEEN 1 AND 2 AND b = 3; END;
CREATE FUNCTION label(t) RETURNS text LANGUAGE sql STABLE RETURN CASE WHEN $1.s IN ('a', 'b') AND $1.b BETWEEN 1 AND 2 THEN 'x' END;
CREATE FUNCTION quoted() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t WHERE s IN (''a'', ''b'')';
CREATE FUNCTION labels() RETURNS SETOF t LANGUAGE sql STABLE
    BEGIN ATOMIC SELECT * FROM t WHERE label(t) IN ('x', 'y') AND b BETWEEN 1 AND 2 AND a = 3; END;
CREATE PROCEDURE nothing(b int) LANGUAGE sql
    BEGIN ATOMIC SELECT t.b + nothing.b FROM t; SELECT (SELECT max(t.b) FROM t WHERE t.b < nothing.b) AS b; END;
