CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE SCHEMA app;
CREATE VIEW seen AS SELECT id, a FROM t;
CREATE VIEW app."Two" AS SELECT a FROM t;
CREATE VIEW narrow AS SELECT id, a FROM t;
CREATE VIEW needs_narrow AS SELECT count(narrow.a) FROM narrow;
CREATE FUNCTION asks_narrow() RETURNS bigint BEGIN ATOMIC SELECT sum(narrow.a) FROM narrow; END;
CREATE VIEW renamed AS SELECT id, a FROM t;
CREATE VIEW on_renamed AS WITH t AS (SELECT a FROM renamed) SELECT a FROM t;
