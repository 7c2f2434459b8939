\set i random(0, 999) * 8 + :client_id
\set j random(0, 1999) * 8 + :client_id
\set k random(0, 1999) * 8 + :client_id
BEGIN;
UPDATE t SET n = n + 1 WHERE id = :i;
DELETE FROM t WHERE id = :j AND :j <> :k;
UPDATE t SET id = :j, a = 'moved' WHERE id = :k;
UPDATE twin SET n = n + 1 WHERE id = :i;
DELETE FROM twin WHERE id = :j AND :j <> :k;
UPDATE twin SET id = :j, a = 'moved' WHERE id = :k;
INSERT INTO t (id, n) VALUES (:k, -1) ON CONFLICT (id) DO NOTHING;
INSERT INTO twin (id, n) VALUES (:k, -1) ON CONFLICT (id) DO NOTHING;
COMMIT;
