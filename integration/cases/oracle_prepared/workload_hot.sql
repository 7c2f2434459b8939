BEGIN;
UPDATE t SET n = n + 1 WHERE id = 0;
UPDATE twin SET n = n + 1 WHERE id = 0;
COMMIT;
