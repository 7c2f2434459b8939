CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, s serial);
INSERT INTO t (a) SELECT i FROM generate_series(1, 10000) AS i;
DELETE FROM t WHERE id > 9000;
CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES t);
CREATE VIEW shown AS SELECT a FROM t;
CREATE TABLE twin (id bigint PRIMARY KEY, a int, s int);
INSERT INTO twin (id, a, s) SELECT id, a, s FROM t;
