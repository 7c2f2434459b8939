\set me :stripe + :client_id
\set id random(0, 999) * 64 + :me
\set other random(1000, 3000) * 64 + :me
\set v random(1, 1000000)
BEGIN;
UPDATE t SET a = :v WHERE id = :id;
SAVEPOINT s;
UPDATE t SET a = -1, b = 'rolled back' WHERE id = :id;
DELETE FROM t WHERE id = :other;
ROLLBACK TO s;
UPDATE t SET c = :v WHERE id = :other;
UPDATE twin SET a = :v WHERE id = :id;
UPDATE twin SET c = :v WHERE id = :other;
COMMIT;
