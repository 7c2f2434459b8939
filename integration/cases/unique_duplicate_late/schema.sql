CREATE TABLE t (id int PRIMARY KEY, email text);
INSERT INTO t SELECT i, 'user' || i FROM generate_series(1, 5000) AS i;
