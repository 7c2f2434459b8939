\set id random(1, 200) * 8 + :client_id
\set v random(1, 1000000)
\set p random(0, 9)
UPDATE t SET username = 'old ' || :id || ' ' || :v WHERE id = :id;
UPDATE t SET lang = CASE WHEN :v::int % 2 = 0 THEN 'l' || :v END, parent = :p WHERE id = :id;
INSERT INTO t (id, username) VALUES (1000000 + :id, 'old new ' || :id) ON CONFLICT (id) DO UPDATE SET username = EXCLUDED.username || :v;
DELETE FROM t WHERE id = 1000000 + :id AND :v::int % 3 = 0;
UPDATE t SET n = 0 WHERE id = :id;
