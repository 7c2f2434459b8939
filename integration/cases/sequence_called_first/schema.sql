CREATE TABLE t (id serial PRIMARY KEY, a int);
INSERT INTO t (a) SELECT i FROM generate_series(1, 1000) AS i;
