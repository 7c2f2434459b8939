\set i random(0, 999) * 8 + :client_id
\set j random(0, 2499) * 8 + :client_id
BEGIN;
UPDATE t SET a = a + 1 WHERE id = :i;
DELETE FROM t WHERE id = :j;
UPDATE twin SET a = a + 1 WHERE id = :i;
DELETE FROM twin WHERE id = :j;
COMMIT;
