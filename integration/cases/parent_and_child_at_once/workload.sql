BEGIN;
INSERT INTO t (n) VALUES (:client_id) RETURNING id AS parent \gset
INSERT INTO c (p) VALUES (:parent);
COMMIT;
