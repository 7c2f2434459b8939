BEGIN;
SELECT nextval('t_id_seq') AS n \gset
\sleep 10 ms
INSERT INTO t VALUES (:n, 1);
COMMIT;
