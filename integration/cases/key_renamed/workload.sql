\set i random(0, 1999) * 8 + :client_id
\set j random(0, 3999) * 8 + :client_id
BEGIN;
UPDATE t SET n = n + 1 WHERE ref = 'r' || :i;
DELETE FROM t WHERE ref = 'r' || :j;
INSERT INTO t VALUES (:j, 'r' || :j, -1);
UPDATE twin SET n = n + 1 WHERE ref = 'r' || :i;
DELETE FROM twin WHERE ref = 'r' || :j;
INSERT INTO twin VALUES (:j, 'r' || :j, -1);
COMMIT;
