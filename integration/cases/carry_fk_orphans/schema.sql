CREATE TABLE t (id int PRIMARY KEY, a int, b int, UNIQUE (a, b));
CREATE TABLE twin (id int PRIMARY KEY, a int, b int, c int);
INSERT INTO t SELECT i, i, i FROM generate_series(1, 3000) AS i;
INSERT INTO twin SELECT * FROM t;
CREATE TABLE child (id bigserial PRIMARY KEY, t int REFERENCES t);
CREATE SCHEMA app;
CREATE TABLE app."Pair" (a int, b int, CONSTRAINT "full" FOREIGN KEY (a, b) REFERENCES t (a, b) MATCH FULL);
CREATE TABLE sound (t int CONSTRAINT sound REFERENCES t);
INSERT INTO sound VALUES (1), (NULL);
