\set me :stripe + :client_id
\set id random(0, 999) * 64 + :me
BEGIN;
UPDATE t SET a = -2, b = 'never' WHERE id = :id;
INSERT INTO t (id, b) SELECT max(id) + 64000000 + :client_id, 'never' FROM t;
ROLLBACK;
