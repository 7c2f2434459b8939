\set i random(1, 249) * 4 + :client_id % 4
\set j random(251, 5000) * 4 + :client_id % 4
\set k random(1, 1000)
BEGIN;
UPDATE t SET a = :k * 20001 + :i WHERE id = :i;
UPDATE twin SET a = :k * 20001 + :i WHERE id = :i;
DELETE FROM t WHERE id = :j;
DELETE FROM twin WHERE id = :j;
INSERT INTO t (id, a, r) VALUES (:j, :j, int4range(:j, :j + 1));
INSERT INTO twin (id, a, r) VALUES (:j, :j, int4range(:j, :j + 1));
COMMIT;
