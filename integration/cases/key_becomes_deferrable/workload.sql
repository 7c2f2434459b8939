\set i random(0, 999) * 8 + :client_id
\set k random(1, 1000)
BEGIN;
UPDATE t SET a = :k WHERE id = :i;
UPDATE twin SET a = :k WHERE id = :i;
DELETE FROM t WHERE id = :i + 4 AND a % 2 = 0;
DELETE FROM twin WHERE id = :i + 4 AND a % 2 = 0;
COMMIT;
