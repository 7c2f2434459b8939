\set i random(0, 300) * 8 + :client_id
\set j random(0, 300) * 8 + :client_id
BEGIN;
UPDATE t SET id = CASE WHEN n % 2 = 0 THEN upper(id) ELSE lower(id) END, n = n + 1 WHERE id = 'KEY' || :i;
DELETE FROM t WHERE id = 'keY' || :j;
INSERT INTO t VALUES ('kEy' || :j, -1);
UPDATE twin SET id = CASE WHEN n % 2 = 0 THEN upper(id) ELSE lower(id) END, n = n + 1 WHERE id = 'KEY' || :i;
DELETE FROM twin WHERE id = 'keY' || :j;
INSERT INTO twin VALUES ('kEy' || :j, -1);
COMMIT;
