CREATE TABLE t (id int PRIMARY KEY, a text, b text DEFAULT 'b', c int NOT NULL);
INSERT INTO t SELECT i, repeat('a', i % 3000), 'x', i FROM generate_series(1, 3000) AS i;
CREATE INDEX unwanted ON t (c);
CREATE INDEX t_c ON t (c, a);
ALTER TABLE t SET (autovacuum_enabled = false);
