BEGIN;
SELECT nextval('t_id_seq') AS n \gset
INSERT INTO t VALUES (:n, 1);
COMMIT;
