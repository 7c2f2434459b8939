CREATE TABLE t (id int PRIMARY KEY, n int); CREATE INDEX t_n ON t (n); INSERT INTO t SELECT i, i FROM generate_series(1, 500) AS i;
CREATE TABLE other (id int, n int);
CREATE RULE forward AS ON INSERT TO other DO INSTEAD INSERT INTO t VALUES (NEW.id, NEW.n) RETURNING t.id, t.n;
ALTER TABLE other ADD COLUMN more int;
