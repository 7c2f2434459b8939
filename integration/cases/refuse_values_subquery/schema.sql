CREATE TABLE rate (cur text PRIMARY KEY, r int);
CREATE TABLE t (id int PRIMARY KEY, cur text DEFAULT 'eur');
INSERT INTO t SELECT i FROM generate_series(1, 100) AS i;
