CREATE TABLE t (id int PRIMARY KEY, email text);
CREATE TABLE twin (id int PRIMARY KEY, email text);
INSERT INTO t SELECT i, 'user' || i FROM generate_series(0, 19999) AS i;
INSERT INTO twin SELECT * FROM t;
