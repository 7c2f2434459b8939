BEGIN;
SELECT count(*) FROM p;
\sleep 1500 ms
COMMIT;
