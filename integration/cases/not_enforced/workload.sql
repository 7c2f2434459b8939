\set i random(0, 999) * 8 + :client_id
\set j random(0, 2499) * 8 + :client_id
BEGIN;
UPDATE t SET n = n - 1, p = -p WHERE id = :i;
DELETE FROM t WHERE id = :j;
INSERT INTO child VALUES (-:j);
UPDATE twin SET n = n - 1, p = -p WHERE id = :i;
DELETE FROM twin WHERE id = :j;
COMMIT;
