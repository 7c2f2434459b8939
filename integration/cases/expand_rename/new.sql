\set id random(1, 200) * 8 + 4 + :client_id
\set v random(1, 1000000)
\set p random(0, 9)
UPDATE t SET handle = 'new ' || :id || ' ' || :v WHERE id = :id;
UPDATE t SET language = CASE WHEN :v::int % 2 = 0 THEN 'l' || :v END, parent_id = :p WHERE id = :id;
INSERT INTO t (id, handle) VALUES (2000000 + :id, 'new new ' || :id) ON CONFLICT (id) DO UPDATE SET handle = EXCLUDED.handle || :v;
DELETE FROM t WHERE id = 2000000 + :id AND :v::int % 3 = 0;
UPDATE t SET n = 0 WHERE id = :id;
