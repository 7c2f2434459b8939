\set id random(1, 4999) * 4 + :client_id + 1
\set v random(1, 1000000)
BEGIN;
UPDATE t SET a = :v WHERE id = :id;
UPDATE twin SET a = :v WHERE id = :id;
DELETE FROM t WHERE id = 100000 + :id;
INSERT INTO t (id, a) VALUES (100000 + :id, :v);
DELETE FROM twin WHERE id = 100000 + :id;
INSERT INTO twin (id, a) VALUES (100000 + :id, :v);
COMMIT;
