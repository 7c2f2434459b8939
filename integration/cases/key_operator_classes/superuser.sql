CREATE SCHEMA extensions;
CREATE EXTENSION citext SCHEMA extensions;
GRANT USAGE ON SCHEMA extensions TO PUBLIC;
CREATE FUNCTION extensions.backwards(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($2, $1)';
CREATE OPERATOR CLASS extensions.backwards_ops FOR TYPE int USING btree AS
  OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 extensions.backwards(int, int);
