\set v random(1, 1000000)
\set p random(1, 5000)
BEGIN;
INSERT INTO t (v, big_parent) VALUES (:v, :p) RETURNING big_id AS id \gset
UPDATE t SET big_parent = big_id WHERE big_id = :id;
COMMIT;
DELETE FROM t WHERE big_id = :id AND big_id % 2 = 0;
