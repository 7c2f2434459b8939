CREATE TABLE rate (cur text PRIMARY KEY, r int);
INSERT INTO rate VALUES ('eur', 1);
CREATE FUNCTION rate_of(c text) RETURNS int LANGUAGE sql STABLE AS 'SELECT r FROM public.rate WHERE cur = c';
CREATE TABLE t (id int PRIMARY KEY, cur text DEFAULT 'eur');
INSERT INTO t SELECT i FROM generate_series(1, 1000) AS i;
