\set v random(1, 1000000)
\set p random(1, 5000)
BEGIN;
INSERT INTO t (v, parent) VALUES (:v, :p) RETURNING id \gset
UPDATE t SET parent = id WHERE id = :id;
COMMIT;
DELETE FROM t WHERE id = :id AND id % 2 = 0;
