BEGIN;
SELECT count(*) FROM t;
\sleep 700 ms
COMMIT;
