\set i random(1, 2249) * 4 + :client_id % 4
\set k random(1, 1000)
BEGIN;
UPDATE t SET a = :k WHERE id = :i;
UPDATE twin SET a = :k WHERE id = :i;
WITH new AS (INSERT INTO t (a) VALUES (:k) RETURNING id, a, s) INSERT INTO twin SELECT * FROM new;
COMMIT;
