\set i random(1, 2499) * 8 + :client_id
\set j random(2501, 5000) * 8 + :client_id
\set k random(1, 1000)
BEGIN;
UPDATE t SET a = :k WHERE id = :i;
DELETE FROM t WHERE id = :j;
INSERT INTO t (id, a, b, p) VALUES (:j, :k, 'new' || :j, :k % 100);
UPDATE twin SET a = :k WHERE id = :i;
DELETE FROM twin WHERE id = :j;
INSERT INTO twin (id, a, b, c, p) VALUES (:j, :k, 'new' || :j, 'x', :k % 100);
COMMIT;
