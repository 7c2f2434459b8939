CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE t (id text PRIMARY KEY, n int NOT NULL);
INSERT INTO t SELECT 'Key' || i, i FROM generate_series(1, 5000) AS i;
