\set id random(1, 2001)
UPDATE t SET a = a + 1 WHERE id = :id;
INSERT INTO t (id, a) SELECT max(id) + 1, 1 FROM t;
