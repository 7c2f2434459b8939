\set me :stripe + :client_id
\set id random(0, 3000) * 64 + :me
BEGIN;
UPDATE t SET b = NULL, c = NULL, code = NULL WHERE id = :id;
UPDATE twin SET b = NULL, c = NULL, code = NULL WHERE id = :id;
COMMIT;
