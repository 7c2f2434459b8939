\set me :stripe + :client_id
\set id random(1, 3000) * 64 + :me
BEGIN;
DELETE FROM t WHERE id = :id;
DELETE FROM twin WHERE id = :id;
COMMIT;
