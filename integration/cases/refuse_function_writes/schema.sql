CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE PROCEDURE add_one(which int) BEGIN ATOMIC UPDATE t SET a = a + 1 WHERE id = which; END;
