\set me :stripe + :client_id
\set first random(0, 980)
\set v random(1, 1000000)
BEGIN;
UPDATE t SET c = :v::int + id, b = NULL WHERE id = ANY (ARRAY(SELECT g * 64 + :me FROM generate_series(:first::int, :first::int + 20) AS g));
UPDATE twin SET c = :v::int + id, b = NULL WHERE id = ANY (ARRAY(SELECT g * 64 + :me FROM generate_series(:first::int, :first::int + 20) AS g));
COMMIT;
