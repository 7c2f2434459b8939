CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE POLICY highest ON t USING (a = (SELECT max(u.a) FROM t AS u));
CREATE RULE others AS ON DELETE TO t DO ALSO UPDATE t SET a = 0 WHERE t.a = old.a;
