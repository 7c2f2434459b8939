CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, old text);
INSERT INTO t SELECT i, i FROM generate_series(1, 30000) AS i;
-- Autovacuum has reason to come before the fill has to wait for it.
ALTER TABLE t SET (autovacuum_vacuum_scale_factor = 0.05);
CREATE TABLE other (id int);
