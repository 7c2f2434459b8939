\set a random(0, 4999) * 8 + :client_id
BEGIN;
DELETE FROM t WHERE id = :a;
DELETE FROM twin WHERE id = :a;
COMMIT;
