\set i random(1, 749) * 4 + :client_id % 4
\set j random(1000, 3000) * 4 + :client_id % 4
\set p random(1, 100)
BEGIN;
UPDATE t SET p = :p WHERE id = :i;
UPDATE twin SET p = :p WHERE id = :i;
DELETE FROM t WHERE id = :j;
DELETE FROM twin WHERE id = :j;
INSERT INTO t (id, p, up) VALUES (:j, :p, :i);
INSERT INTO twin (id, p, up) VALUES (:j, :p, :i);
COMMIT;
