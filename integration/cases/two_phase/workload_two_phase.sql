\set i random(1000, 1200) * 8 + :client_id
BEGIN;
INSERT INTO t VALUES (:i, 5, 'two phases') ON CONFLICT (id) DO UPDATE SET n = t.n + 5;
INSERT INTO twin VALUES (:i, 5, 'two phases') ON CONFLICT (id) DO UPDATE SET n = twin.n + 5;
PREPARE TRANSACTION 'w:client_id';
COMMIT PREPARED 'w:client_id';
BEGIN;
UPDATE t SET n = -99 WHERE id = :i;
PREPARE TRANSACTION 'w:client_id';
ROLLBACK PREPARED 'w:client_id';
