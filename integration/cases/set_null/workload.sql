\set a random(0, 1999) * 8 + :client_id
\set b random(0, 1999) * 8 + :client_id
BEGIN;
UPDATE t SET a = NULL, b = NULL, c = NULL WHERE id = :a;
UPDATE t SET a = '', b = DEFAULT, c = ARRAY[NULL, '', 'NULL'] WHERE id = :b;
UPDATE twin SET a = NULL, b = NULL, c = NULL WHERE id = :a;
UPDATE twin SET a = '', b = DEFAULT, c = ARRAY[NULL, '', 'NULL'] WHERE id = :b;
COMMIT;
