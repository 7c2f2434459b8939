CREATE TABLE t (id int PRIMARY KEY, n int, x text);
INSERT INTO t SELECT i, i, repeat('x', 50) FROM generate_series(1, 20000) i;
CREATE TABLE late_jobs (n int);
CREATE TABLE locked (n int);
CREATE TABLE written (id int PRIMARY KEY, n int);
INSERT INTO written SELECT i, 0 FROM generate_series(0, 200) i;
