\set i random(1, 1249) * 4 + :client_id % 4
BEGIN;
UPDATE t SET a = a + 1 WHERE id = :i;
UPDATE twin SET a = a + 1 WHERE id = :i;
WITH one AS (INSERT INTO t (a) VALUES (:i) RETURNING id, a) INSERT INTO twin SELECT id, a FROM one;
COMMIT;
