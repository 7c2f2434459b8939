BEGIN;
SELECT count(*) FROM p;
\sleep 1000 ms
COMMIT;
