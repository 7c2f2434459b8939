\set id random(1, 1249) * 4 + :client_id
BEGIN;
UPDATE recreated SET a = a + 1 WHERE id = :id;
UPDATE twin SET a = a + 1 WHERE id = :id;
COMMIT;
