\set me :stripe + :client_id
\set id random(0, 999) * 64 + :me
\set v random(1, 1000000)
BEGIN;
UPDATE t SET a = a + 1, b = 'b' || :v::int, c = :v::int / 13.0 WHERE id = :id;
UPDATE twin SET a = a + 1, b = 'b' || :v::int, c = :v::int / 13.0 WHERE id = :id;
COMMIT;
