-- insert, delete, insert of one key in one transaction
\set me :stripe + :client_id
\set id random(1, 3000) * 64 + :me
\set v random(1, 1000000)
BEGIN;
DELETE FROM t WHERE id = :id;
INSERT INTO t (id, b) VALUES (:id, 'first');
DELETE FROM t WHERE id = :id;
INSERT INTO t (id, b, a) VALUES (:id, 'second', :v);
DELETE FROM twin WHERE id = :id;
INSERT INTO twin (id, b, a) VALUES (:id, 'second', :v);
COMMIT;
