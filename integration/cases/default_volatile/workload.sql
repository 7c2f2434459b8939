\set id random(1, 2500) * 8 + :client_id
\set new random(2501, 5000) * 8 + :client_id
BEGIN;
UPDATE t SET a = a + 1 WHERE id = :id;
INSERT INTO t (id, a) VALUES (:new, 1) ON CONFLICT DO NOTHING;
UPDATE twin SET a = a + 1 WHERE id = :id;
INSERT INTO twin (id, a) VALUES (:new, 1) ON CONFLICT DO NOTHING;
COMMIT;
