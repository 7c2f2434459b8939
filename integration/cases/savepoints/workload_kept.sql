\set i random(0, 1999) * 8 + :client_id
\set j random(0, 1999) * 8 + :client_id
\set k random(2000, 2999) * 8 + :client_id
BEGIN;
UPDATE t SET a = a + 1 WHERE id = :i;
SAVEPOINT one;
UPDATE t SET a = a + 100 WHERE id = :j;
SAVEPOINT two;
DELETE FROM t WHERE id = :i;
INSERT INTO t VALUES (:k, -1) ON CONFLICT (id) DO UPDATE SET a = -2;
ROLLBACK TO two;
INSERT INTO t VALUES (:k, 1) ON CONFLICT (id) DO UPDATE SET a = 2;
RELEASE one;
UPDATE twin SET a = a + 1 WHERE id = :i;
UPDATE twin SET a = a + 100 WHERE id = :j;
INSERT INTO twin VALUES (:k, 1) ON CONFLICT (id) DO UPDATE SET a = 2;
COMMIT;
