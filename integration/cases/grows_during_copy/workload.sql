WITH new AS (INSERT INTO t (a, pad) SELECT i, repeat('y', 200) FROM generate_series(1, 20) AS i RETURNING id, a, pad)
INSERT INTO twin SELECT * FROM new;
