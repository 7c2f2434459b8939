\set me :stripe + :client_id
\set id random(1000, 3000) * 64 + :me
\set v random(1, 1000000)
BEGIN;
INSERT INTO t (id, a, b) VALUES (:id, :v, 'inserted') ON CONFLICT (id) DO UPDATE SET a = :v, b = NULL;
INSERT INTO twin (id, a, b) VALUES (:id, :v, 'inserted') ON CONFLICT (id) DO UPDATE SET a = :v, b = NULL;
COMMIT;
