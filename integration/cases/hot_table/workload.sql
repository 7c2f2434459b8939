BEGIN;
UPDATE counter SET n = n + 1;
UPDATE t SET n = n + 1;
\sleep 700 ms
COMMIT;
