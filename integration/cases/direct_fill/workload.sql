\set i random(0, 999) * 8 + :client_id
\set j random(20000, 40000) * 8 + :client_id
BEGIN;
UPDATE t SET standing = 'app' WHERE id = :i;
UPDATE twin SET standing = 'app' WHERE id = :i;
INSERT INTO t (id, n) VALUES (:j, 3) ON CONFLICT DO NOTHING;
INSERT INTO twin (id, n, standing) VALUES (:j, 3, 'default') ON CONFLICT DO NOTHING;
COMMIT;
