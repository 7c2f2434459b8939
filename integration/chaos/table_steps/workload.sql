\set i random(0, 2499) * 8 + :client_id
\set k random(0, 99)
BEGIN;
UPDATE t SET n = n + 1, p = :k WHERE id = :i;
UPDATE twin SET n = n + 1, p = :k WHERE id = :i;
COMMIT;
