CREATE TABLE t (id int PRIMARY KEY, a int, b text);
INSERT INTO t SELECT i, i, 'b' FROM generate_series(1, 20000) AS i;
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO twin SELECT * FROM t;
CREATE PUBLICATION feed FOR TABLE t, twin;
CREATE PUBLICATION "part" FOR TABLE t (id, a) WHERE (a > 10 AND id > 0) WITH (publish = 'insert');
CREATE PUBLICATION keys FOR TABLE ONLY t (id) WITH (publish = 'insert, delete');
