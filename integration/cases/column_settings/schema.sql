CREATE TABLE t (id int PRIMARY KEY, a text, b text DEFAULT 'b', c int NOT NULL, g int GENERATED ALWAYS AS (c * 2) STORED);
INSERT INTO t (id, a, b, c) SELECT i, repeat('a', i % 3000), 'x', i FROM generate_series(1, 3000) AS i;
CREATE INDEX unwanted ON t (c);
CREATE INDEX t_c ON t (c, a);
ALTER TABLE t SET (autovacuum_enabled = false);
COMMENT ON COLUMN t.a IS 'goes'; COMMENT ON INDEX t_c IS 'goes';
CREATE TABLE twin (id int PRIMARY KEY, a text, b text, c int, g int); INSERT INTO twin SELECT * FROM t;
