\set one random(0, 20) * 8 + :client_id
\set two random(21, 40) * 8 + :client_id
BEGIN;
UPDATE t SET pos = (SELECT x.pos FROM t x WHERE x.id = :one + :two - t.id), n = n + 1 WHERE id IN (:one, :two);
UPDATE twin SET pos = (SELECT x.pos FROM twin x WHERE x.id = :one + :two - twin.id), n = n + 1 WHERE id IN (:one, :two);
COMMIT;
