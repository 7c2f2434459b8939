BEGIN;
SELECT count(*) FROM t;
\sleep 1000 ms
COMMIT;
