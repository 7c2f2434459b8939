CREATE TABLE t (id int PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY, a int);
INSERT INTO t (id, a) SELECT i, i FROM generate_series(1, 8000) AS i;
CREATE TABLE twin (id int PRIMARY KEY, number int, a int);
INSERT INTO twin SELECT * FROM t;
