\set i random(100, 19999)
\set k 1000000 + :client_id
BEGIN;
INSERT INTO t (id, region, n, up, a) VALUES (:k, 'x', :k, :i, 1);
INSERT INTO twin (id, region, n, up, a) VALUES (:k, 'x', :k, :i, 1);
INSERT INTO cascades (t) VALUES (:k);
INSERT INTO nulls (t) VALUES (:k);
INSERT INTO composite (region, n, note) VALUES ('x', :k, 'c');
COMMIT;
BEGIN;
INSERT INTO defers (t) VALUES (2000000 + :client_id);
INSERT INTO t (id, region, n, a) VALUES (2000000 + :client_id, 'y', 2000000 + :client_id, 2);
INSERT INTO twin (id, region, n, a) VALUES (2000000 + :client_id, 'y', 2000000 + :client_id, 2);
COMMIT;
BEGIN;
DELETE FROM t WHERE id = :k;
DELETE FROM twin WHERE id = :k;
DELETE FROM defers WHERE t = 2000000 + :client_id;
DELETE FROM t WHERE id = 2000000 + :client_id;
DELETE FROM twin WHERE id = 2000000 + :client_id;
COMMIT;
