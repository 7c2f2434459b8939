\set i random(0, 999) * 8 + :client_id
\set j random(0, 2499) * 8 + :client_id
BEGIN;
UPDATE t SET n = n + 1, b = coalesce(b, 9) WHERE id = :i;
DELETE FROM t WHERE id = :j;
UPDATE twin SET n = n + 1, b = coalesce(b, 9) WHERE id = :i;
DELETE FROM twin WHERE id = :j;
COMMIT;
