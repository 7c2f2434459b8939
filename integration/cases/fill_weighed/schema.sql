CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, pad text) WITH (autovacuum_enabled = off);
INSERT INTO t SELECT i, i, 'pad' FROM generate_series(0, 3999) AS i;
CREATE TABLE twin (id int PRIMARY KEY, n int NOT NULL);
INSERT INTO twin SELECT id, n FROM t;
CREATE MATERIALIZED VIEW numbers AS SELECT n FROM t;
