SELECT 1 / (count(*) = 0)::int FROM t
 WHERE (big_id, big_number, big_parent) IS DISTINCT FROM (id, number, parent);
SELECT pg_sleep(0.02);
