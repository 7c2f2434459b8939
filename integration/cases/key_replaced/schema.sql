CREATE TABLE t (id int CONSTRAINT old_key PRIMARY KEY, region text, a int);
INSERT INTO t SELECT i, 'r' || i % 7, i FROM generate_series(1, 10000) AS i;
CREATE TABLE twin (id int PRIMARY KEY, region text, a int); INSERT INTO twin SELECT * FROM t;
