CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE FUNCTION rows_of(what regclass DEFAULT 't'::regclass) RETURNS regclass LANGUAGE sql AS 'SELECT what';
