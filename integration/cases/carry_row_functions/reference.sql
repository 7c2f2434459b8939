-- Late minor versions alter no table whose row type a function's body or a parameter's default uses.
DROP FUNCTION standard, nobody;
ALTER TABLE people ALTER a TYPE bigint;
CREATE FUNCTION standard(p people, q int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN p.id % 7 + q;
CREATE FUNCTION nobody(p people DEFAULT NULL::people, t regclass DEFAULT 'people'::regclass) RETURNS text LANGUAGE sql AS 'SELECT t::text';
