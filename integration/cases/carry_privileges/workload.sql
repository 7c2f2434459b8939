\set id random(1, 1999) * 4 + :client_id
BEGIN;
UPDATE t SET a = a + 1, touched = touched + 1 WHERE id = :id;
UPDATE twin SET a = a + 1, touched = touched + 1 WHERE id = :id;
COMMIT;
