\set one random(0, 30) * 8 + :client_id
\set two random(31, 60) * 8 + :client_id
BEGIN;
SELECT a.code AS x, b.code AS y, a.name AS nx, b.name AS ny FROM t a, t b WHERE a.id = :one AND b.id = :two \gset
UPDATE t SET code = NULL, name = NULL WHERE id = :one;
UPDATE t SET code = :x, name = ':nx' WHERE id = :two;
UPDATE t SET code = :y, name = ':ny' WHERE id = :one;
UPDATE twin SET code = NULL, name = NULL WHERE id = :one;
UPDATE twin SET code = :x, name = ':nx' WHERE id = :two;
UPDATE twin SET code = :y, name = ':ny' WHERE id = :one;
COMMIT;
