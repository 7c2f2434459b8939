CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, n serial, "Old Name" text, gone text);
INSERT INTO t (a) SELECT i FROM generate_series(1, 5000) AS i;
CREATE TABLE twin AS SELECT id, a::bigint, n, "Old Name" AS "New Name" FROM t;
CREATE UNIQUE INDEX ON twin (id);
CREATE VIEW replaced AS SELECT id, n FROM t;
CREATE VIEW recreated AS SELECT id, a FROM t;
CREATE PUBLICATION labelled FOR TABLE t (id, a);
