\set id random(0, 999) * 8 + :client_id
\set k random(1, 1000)
BEGIN;
UPDATE t SET n = :k WHERE id = :id;
UPDATE twin SET n = :k WHERE id = :id;
COMMIT;
