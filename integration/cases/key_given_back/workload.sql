\set i random(0, 999) * 4 + :client_id
\set j random(0, 999) * 4 + :client_id
BEGIN;
UPDATE t SET n = n + 1 WHERE id = :i;
DELETE FROM t WHERE id = :j;
INSERT INTO t VALUES (:j, 'c' || :j, -1);
UPDATE twin SET n = n + 1 WHERE id = :i;
DELETE FROM twin WHERE id = :j;
INSERT INTO twin VALUES (:j, 'c' || :j, -1);
COMMIT;
