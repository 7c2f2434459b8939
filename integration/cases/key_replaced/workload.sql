\set i random(1, 2499) * 4 + :client_id % 4
\set j random(1, 3500) * 4 + :client_id % 4
\set k random(1, 9)
BEGIN;
UPDATE t SET region = 'r' || :k, a = a + 1 WHERE id = :i;
UPDATE twin SET region = 'r' || :k, a = a + 1 WHERE id = :i;
DELETE FROM t WHERE id = :j;
DELETE FROM twin WHERE id = :j;
INSERT INTO t VALUES (:j, 'new', 1);
INSERT INTO twin VALUES (:j, 'new', 1);
COMMIT;
