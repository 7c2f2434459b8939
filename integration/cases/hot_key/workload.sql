\set id random_zipfian(1, 5000, 1.5)
BEGIN;
UPDATE t SET n = n + 1 WHERE id = :id;
UPDATE twin SET n = n + 1 WHERE id = :id;
COMMIT;
