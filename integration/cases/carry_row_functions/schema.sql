CREATE TABLE people (id int PRIMARY KEY, a int, first text, last text);
INSERT INTO people SELECT i, i, 'f' || i, 'l' || i FROM generate_series(1, 5000) AS i;
CREATE INDEX ON people (first);
CREATE SCHEMA api;
GRANT USAGE ON SCHEMA api TO PUBLIC;
GRANT CREATE ON SCHEMA api TO row_functions_owner;
CREATE FUNCTION full_name(p people) RETURNS text LANGUAGE sql STABLE AS 'SELECT p.first || '' '' || p.last';
COMMENT ON FUNCTION full_name IS 'a computed field';
CREATE FUNCTION search(q text) RETURNS SETOF people LANGUAGE sql STABLE ROWS 10 AS 'SELECT * FROM people WHERE first = q';
REVOKE ALL ON FUNCTION search FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search TO app WITH GRANT OPTION;
CREATE FUNCTION standard(p people, q int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN p.id % 7 + q;
CREATE FUNCTION found(q text) RETURNS SETOF people LANGUAGE sql STABLE BEGIN ATOMIC SELECT p FROM people AS p WHERE p.first = q; END;
CREATE FUNCTION api.full_name(p people) RETURNS text LANGUAGE plpgsql STABLE COST 7 SET search_path = public AS
    $$BEGIN RETURN full_name(p); END$$;
CREATE FUNCTION api.oldest(VARIADIC many people[]) RETURNS people LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN many[1]; END';
ALTER FUNCTION api.oldest OWNER TO row_functions_owner;
CREATE FUNCTION api.both(p people, OUT one people, OUT n int) LANGUAGE plpgsql AS 'BEGIN one := p; n := 1; END';
CREATE FUNCTION nobody(p people DEFAULT NULL::people, t regclass DEFAULT 'people'::regclass) RETURNS text LANGUAGE sql AS 'SELECT t::text';
CREATE FUNCTION of_itself(t regclass DEFAULT 'people'::regclass) RETURNS text LANGUAGE sql AS 'SELECT t::text';
CREATE PROCEDURE touch(INOUT p people) LANGUAGE plpgsql AS 'BEGIN p.a := p.a + 1; END';
-- No dependency shows these two.
CREATE FUNCTION by_variable(i int) RETURNS text LANGUAGE plpgsql STABLE AS
    $$DECLARE r people; BEGIN SELECT * INTO r FROM people WHERE id = i; RETURN full_name(r); END$$;
CREATE FUNCTION by_rowtype(i int) RETURNS text LANGUAGE plpgsql STABLE AS
    $$DECLARE r people%ROWTYPE; BEGIN SELECT * INTO r FROM people WHERE id = i; RETURN full_name(r); END$$;
CREATE VIEW names AS SELECT id, full_name(p) AS name FROM people p;
COMMENT ON VIEW names IS 'calls a function of the rows';
CREATE VIEW searched AS SELECT s.first, 1 AS one FROM search('f1') AS s;
CREATE FUNCTION call_it(i int) RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT full_name(p) FROM people p WHERE p.id = i; END;
