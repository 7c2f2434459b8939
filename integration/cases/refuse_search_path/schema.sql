CREATE TABLE t (id int PRIMARY KEY, n int);
CREATE FUNCTION lower(x text) RETURNS text LANGUAGE sql AS 'SELECT upper(x)';
