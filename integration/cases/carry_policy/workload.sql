\set id random(1, 4999) * 4 + :client_id + 1
\set v random(1, 1000000)
BEGIN;
UPDATE t SET a = :v WHERE id = :id;
UPDATE twin SET a = :v WHERE id = :id AND id % 2 = 0;
COMMIT;
