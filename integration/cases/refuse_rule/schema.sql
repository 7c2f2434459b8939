CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i; CREATE RULE no_delete AS ON DELETE TO t WHERE old.id = 1 DO INSTEAD NOTHING;
