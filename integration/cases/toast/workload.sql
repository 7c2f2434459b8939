\set a random(0, 249) * 8 + :client_id
\set b random(0, 249) * 8 + :client_id
\set c random(0, 249) * 8 + :client_id
\set d random(300, 600) * 8 + :client_id
BEGIN;
UPDATE t SET n = n + 1 WHERE id = :a;
UPDATE t SET wide = repeat('w' || :b, 2000), n = n + 1 WHERE id = :b;
UPDATE t SET other = CASE WHEN other IS NULL THEN repeat('o', 9000) END WHERE id = :c;
DELETE FROM t WHERE id = :d;
UPDATE t SET id = :d WHERE id = :c;
UPDATE t SET id = :c WHERE id = :d;
UPDATE twin SET n = n + 1 WHERE id = :a;
UPDATE twin SET wide = repeat('w' || :b, 2000), n = n + 1 WHERE id = :b;
UPDATE twin SET other = CASE WHEN other IS NULL THEN repeat('o', 9000) END WHERE id = :c;
COMMIT;
