\set id random(1, 60000)
BEGIN;
UPDATE t SET n = n + 1 WHERE id = :id;
UPDATE twin SET n = n + 1 WHERE id = :id;
COMMIT;
