\set i random(0, 999) * 8 + :client_id
BEGIN;
UPDATE t SET n = n + 1 WHERE id = :i;
UPDATE twin SET n = n + 1 WHERE id = :i;
COMMIT;
