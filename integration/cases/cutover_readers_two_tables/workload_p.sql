BEGIN;
SELECT count(*) FROM p;
\sleep 700 ms
COMMIT;
