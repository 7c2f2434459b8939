\set i random(0, 999) * 8 + :client_id
\set j random(0, 3999) * 8 + :client_id
BEGIN;
UPDATE t SET n = n + 1 WHERE id = :i;
DELETE FROM t WHERE id = :j;
INSERT INTO t VALUES (:j, -1, 'again') ON CONFLICT (id) DO UPDATE SET n = -2;
UPDATE twin SET n = n + 1 WHERE id = :i;
DELETE FROM twin WHERE id = :j;
INSERT INTO twin VALUES (:j, -1, 'again') ON CONFLICT (id) DO UPDATE SET n = -2;
COMMIT;
