BEGIN;
SELECT count(*) FROM t;
\sleep 300 ms
SELECT count(*) FROM p;
COMMIT;
