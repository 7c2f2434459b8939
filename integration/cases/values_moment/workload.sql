\set id random(1, 2500) * 8 + :client_id
BEGIN;
UPDATE t SET n = n + 1 WHERE id = :id;
UPDATE twin SET n = n + 1 WHERE id = :id;
COMMIT;
