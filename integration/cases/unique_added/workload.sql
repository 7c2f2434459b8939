-- one row gives up its value, and another takes it, in one transaction or in two
\set one random(0, 2499) * 8 + :client_id
\set two random(0, 2499) * 8 + :client_id
\set v random(1, 1000000000)
BEGIN;
UPDATE t SET email = 'free' || :v || '.' || :client_id WHERE id = :one;
UPDATE t SET email = 'user' || :one || '.' || :v WHERE id = :two;
UPDATE twin SET email = 'free' || :v || '.' || :client_id WHERE id = :one;
UPDATE twin SET email = 'user' || :one || '.' || :v WHERE id = :two;
COMMIT;
