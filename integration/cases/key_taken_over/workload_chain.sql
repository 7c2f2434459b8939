-- a goes to c, b takes a's key, c's row (if there is one) takes b's
\set a random(0, 4999) * 8 + :client_id
\set b random(0, 4999) * 8 + :client_id
BEGIN;
UPDATE t SET id = -1000 - :client_id WHERE id = :a;
UPDATE t SET id = :a, n = n + 1 WHERE id = :b AND :a <> :b;
UPDATE t SET id = :b WHERE id = -1000 - :client_id;
UPDATE twin SET id = -1000 - :client_id WHERE id = :a;
UPDATE twin SET id = :a, n = n + 1 WHERE id = :b AND :a <> :b;
UPDATE twin SET id = :b WHERE id = -1000 - :client_id;
COMMIT;
