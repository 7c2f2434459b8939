CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(0, 99);
CREATE TABLE t (id int PRIMARY KEY, a int, p int);
INSERT INTO t SELECT i, i % 900, i % 100 FROM generate_series(1, 1000) AS i;
UPDATE t SET a = NULL WHERE id IN (7, 8);
UPDATE t SET p = 1000 WHERE id = 9;
