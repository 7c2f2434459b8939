CREATE TABLE t (id uuid PRIMARY KEY, n int NOT NULL, pad text);
INSERT INTO t SELECT gen_random_uuid(), i, repeat('x', 60) FROM generate_series(1, 40000) AS i;
