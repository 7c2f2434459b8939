CREATE TYPE shape AS (id int, a int);
CREATE TABLE t OF shape (id PRIMARY KEY, a DEFAULT 5);
INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
