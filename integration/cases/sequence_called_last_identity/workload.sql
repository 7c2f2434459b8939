BEGIN;
UPDATE t SET a = a + 1 WHERE id = :client_id + 1;
\sleep 10 ms
INSERT INTO t (a) VALUES (1);
COMMIT;
