CREATE TABLE t (id int PRIMARY KEY, email text);
INSERT INTO t SELECT i, 'user' || i FROM generate_series(1, 5000) AS i;
INSERT INTO t VALUES (6001, 'twice@example.org'), (6002, 'twice@example.org');
