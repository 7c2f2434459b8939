\set i random(0, 999) * 4 + :client_id
\set n random(1, 1000000)
BEGIN;
UPDATE t SET n = :n WHERE id = :i;
UPDATE twin SET n = :n WHERE id = :i;
COMMIT;
