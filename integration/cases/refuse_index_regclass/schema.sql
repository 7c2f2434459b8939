CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE TABLE other (idx regclass DEFAULT 't_pkey'::regclass);
CREATE FUNCTION about(idx regclass DEFAULT 't_pkey') RETURNS text LANGUAGE sql AS 'SELECT $1::text';
-- A view is made again in the swap, by its text.
CREATE VIEW named AS SELECT 't_pkey'::regclass AS idx;
