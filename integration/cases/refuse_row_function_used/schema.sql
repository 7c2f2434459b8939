CREATE TABLE t (id int PRIMARY KEY, a int);
INSERT INTO t VALUES (1, 1);
CREATE FUNCTION label(r t) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT r.id::text';
CREATE FUNCTION same(r t, s t) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT r.id = s.id';
CREATE INDEX by_name ON t (label(t.*));
CREATE OPERATOR ~~~ (LEFTARG = t, RIGHTARG = t, FUNCTION = same);
CREATE FUNCTION last_of_two(r t, s t) RETURNS t LANGUAGE sql IMMUTABLE AS 'SELECT s';
CREATE AGGREGATE last_of(t) (SFUNC = last_of_two, STYPE = t);
