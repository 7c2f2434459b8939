CREATE TABLE t (id int CONSTRAINT old_key PRIMARY KEY, a int, b text UNIQUE, during int4range, CONSTRAINT small CHECK (a < 1000000));
INSERT INTO t SELECT i, i, 'b' || i, int4range(i * 10, i * 10 + 9) FROM generate_series(1, 10000) AS i;
ALTER TABLE t ADD CONSTRAINT checked CHECK (id > 0) NOT VALID, ADD CONSTRAINT unchecked CHECK (id < 1000000) NOT VALID;
CREATE STATISTICS unwanted ON a, b FROM t;
CREATE TABLE twin (id int PRIMARY KEY, a int, b text, during int4range); INSERT INTO twin SELECT * FROM t;
