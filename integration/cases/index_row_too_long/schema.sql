CREATE TABLE t (id int PRIMARY KEY, note text, j jsonb);
INSERT INTO t SELECT i, 'x', '{"n": 1}' FROM generate_series(1, 5000) AS i;
UPDATE t SET note = (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 200) AS i) WHERE id IN (7, 4711);
UPDATE t SET j = '{"n": "x"}' WHERE id = 4009;
