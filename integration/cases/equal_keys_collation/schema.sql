CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE t (id text COLLATE nocase PRIMARY KEY, n int NOT NULL);
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT 'Key' || i, 0 FROM generate_series(0, 9999) AS i;
INSERT INTO twin SELECT * FROM t;
