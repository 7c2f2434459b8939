CREATE DOMAIN small AS int;
CREATE TABLE t (id int PRIMARY KEY, a small, n int);
INSERT INTO t SELECT i, i, i FROM generate_series(1, 50) i;
ALTER DOMAIN small ADD CONSTRAINT small CHECK (VALUE < 10) NOT VALID;
