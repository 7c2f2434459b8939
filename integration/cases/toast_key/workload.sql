\set i random(0, 999) * 8 + :client_id
\set j random(0, 999) * 8 + :client_id
BEGIN;
UPDATE t SET n = n + 1 WHERE a = repeat('key ' || :i || ' ', 60) AND b = :client_id;
UPDATE t SET b = b + 1000, n = n + 1 WHERE a = repeat('key ' || :j || ' ', 60) AND b = :client_id;
UPDATE twin SET n = n + 1 WHERE a = repeat('key ' || :i || ' ', 60) AND b = :client_id;
UPDATE twin SET b = b + 1000, n = n + 1 WHERE a = repeat('key ' || :j || ' ', 60) AND b = :client_id;
COMMIT;
