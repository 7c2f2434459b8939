SELECT 1 / (count(*) = 0)::int FROM t
 WHERE (language, parent_id, handle) IS DISTINCT FROM (lang, parent, username);
SELECT pg_sleep(0.02);
