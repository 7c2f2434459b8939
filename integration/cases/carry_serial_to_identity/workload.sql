\set i random(1, 249) * 4 + :client_id % 4
\set j random(2500, 5000) * 4 + :client_id % 4
BEGIN;
UPDATE t SET n = n + 1 WHERE id = :i;
UPDATE twin SET n = n + 1 WHERE id = :i;
DELETE FROM t WHERE id = :j;
DELETE FROM twin WHERE id = :j;
INSERT INTO t (id, n) VALUES (:j, :i);
INSERT INTO twin (id, n) VALUES (:j, :i);
COMMIT;
