CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 10000) AS i;
CREATE TABLE twin (id int PRIMARY KEY, a int, b int); INSERT INTO twin SELECT * FROM t;
CREATE FUNCTION how_many() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM t; END;
CREATE FUNCTION a_of(which int DEFAULT 1, OUT a int) STABLE PARALLEL SAFE RETURN (SELECT t.a FROM t WHERE t.id = which);
COMMENT ON FUNCTION a_of IS 'an a';
CREATE PROCEDURE add_one(which int) LANGUAGE sql AS 'UPDATE t SET a = a + 1 WHERE id = which';
CREATE PROCEDURE look(INOUT which int) BEGIN ATOMIC SELECT a FROM t WHERE id = which; END;
CREATE VIEW through AS SELECT how_many() AS n;
