CREATE TABLE t (id bigint PRIMARY KEY, amount text, flag int, at text);
INSERT INTO t SELECT i, (i * 3)::text, i % 2, (1700000000 + i)::text FROM generate_series(1, 20000) AS i;
