\set i random(1, 2499) * 4 + :client_id % 4
\set j random(2501, 5000) * 4 + :client_id % 4
\set k random(1, 40)
BEGIN;
UPDATE t SET a = :k * 20001 + :i, b = 'b' || :i || '-' || :k WHERE id = :i;
UPDATE twin SET a = :k * 20001 + :i, b = 'b' || :i || '-' || :k WHERE id = :i;
DELETE FROM t WHERE id = :j;
DELETE FROM twin WHERE id = :j;
INSERT INTO t VALUES (:j, :j, 'b' || :j, int4range(:j * 10, :j * 10 + 9));
INSERT INTO twin VALUES (:j, :j, 'b' || :j, int4range(:j * 10, :j * 10 + 9));
COMMIT;
