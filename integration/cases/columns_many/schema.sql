SELECT format('CREATE TABLE t (id int PRIMARY KEY, %s)', string_agg(format('c%s %s', i, (ARRAY['smallint', 'boolean', '"char"'])[i % 3 + 1]), ', ')) FROM generate_series(1, 1598) AS i \gexec
INSERT INTO t (id, c3, c1, c1597) SELECT i, i % 1000, i % 2 = 0, i % 3 = 0 FROM generate_series(1, 500) AS i;
