\set i random(1, 24999) * 4 + :client_id % 4
BEGIN;
UPDATE t SET a = a + 1 WHERE tenant = :i % 100 AND id = :i;
UPDATE twin SET a = a + 1 WHERE id = :i;
COMMIT;
