\set k 1000000 + :client_id
BEGIN;
INSERT INTO parent VALUES (:k, 'mine');
INSERT INTO t (id, p) VALUES (:k, :k);
INSERT INTO twin (id, p) VALUES (:k, :k);
COMMIT;
BEGIN;
UPDATE parent SET x = x || '.' WHERE id = :k;
DELETE FROM parent WHERE id = :k;
DELETE FROM twin WHERE id = :k;
COMMIT;
