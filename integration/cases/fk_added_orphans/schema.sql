CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(1, 5);
CREATE TABLE t (id int PRIMARY KEY, p int); INSERT INTO t SELECT i, CASE WHEN i = 50 THEN 7 ELSE 1 END FROM generate_series(1, 100) AS i;
