CREATE TABLE t (id serial PRIMARY KEY, a int);
INSERT INTO t (a) SELECT i FROM generate_series(1, 5000) AS i;
CREATE TABLE twin (id int PRIMARY KEY, a int);
INSERT INTO twin SELECT * FROM t;
