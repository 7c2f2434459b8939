CREATE TABLE r (id int PRIMARY KEY);
INSERT INTO r SELECT generate_series(1, 100);
CREATE TABLE touched (id int PRIMARY KEY);
INSERT INTO touched SELECT generate_series(1, 100);
CREATE TABLE t (id int PRIMARY KEY, n int, a int REFERENCES r, b int REFERENCES r, c int REFERENCES touched);
INSERT INTO t SELECT i, i, i % 100 + 1, i % 100 + 1, i % 100 + 1 FROM generate_series(1, 2000) AS i;
