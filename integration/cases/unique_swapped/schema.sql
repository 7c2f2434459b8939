CREATE TABLE t (id int PRIMARY KEY, code int UNIQUE, name text UNIQUE);
CREATE TABLE twin (id int PRIMARY KEY, code int UNIQUE, name text UNIQUE);
INSERT INTO t SELECT i, i, 'n' || i FROM generate_series(0, 15999) AS i;
INSERT INTO twin SELECT * FROM t;
