CREATE SCHEMA app; CREATE TABLE app.parent (id int PRIMARY KEY);
CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(1, 100);
CREATE TABLE t (id int PRIMARY KEY, p int, q int, up int);
INSERT INTO t SELECT i, i % 100 + 1, -1, nullif(i - 1, 0) FROM generate_series(1, 3000) AS i;
ALTER TABLE t ADD CONSTRAINT unsure FOREIGN KEY (p) REFERENCES parent NOT VALID;
CREATE TABLE twin (id int PRIMARY KEY, p int, q int, up int, other int); INSERT INTO twin SELECT * FROM t;
