\set i random(1, 749) * 4 + :client_id % 4
\set k 1000000 + :client_id
BEGIN;
UPDATE t SET a = a + 1 WHERE id = :i;
UPDATE twin SET a = a + 1 WHERE id = :i;
INSERT INTO t VALUES (:k, 1);
DELETE FROM t WHERE id = :k;
COMMIT;
