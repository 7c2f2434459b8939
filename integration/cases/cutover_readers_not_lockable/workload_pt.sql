BEGIN;
SELECT count(*) FROM p;
\sleep 300 ms
SELECT count(*) FROM t;
COMMIT;
