CREATE TYPE __t AS ENUM ('a');
CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 500) AS i;
CREATE TABLE _t (id int);
