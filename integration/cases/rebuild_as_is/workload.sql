\set i random(1, 3749) * 8 + (:client_id % 4) * 2 + 1
\set j random(10001, 15000) * 4 + :client_id % 4
\set k random(1, 1000)
BEGIN;
UPDATE t SET a = 'a' || :i || 'x' || :k, b = :k / 3.0 WHERE id = :i;
UPDATE twin SET a = 'a' || :i || 'x' || :k, b = :k / 3.0 WHERE id = :i;
DELETE FROM t WHERE id = :j;
DELETE FROM twin WHERE id = :j;
INSERT INTO t VALUES (:j, 'new ' || :j, :k);
INSERT INTO twin VALUES (:j, 'new ' || :j, :k);
COMMIT;
