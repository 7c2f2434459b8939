CREATE TABLE t (day date, id int, n int NOT NULL, pad text, PRIMARY KEY (day, id));
INSERT INTO t SELECT date '2024-01-01' + i / 400, i, i, repeat('x', 60) FROM generate_series(1, 40000) AS i;
