CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id pair PRIMARY KEY, a int);
INSERT INTO t SELECT ROW(i, 'x')::pair, i FROM generate_series(1, 100) AS i;
