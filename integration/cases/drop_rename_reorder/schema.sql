CREATE TABLE t (a int, id int PRIMARY KEY, b text, c date, d int);
INSERT INTO t SELECT i, -i, 'b' || i, date '2020-01-01' + i % 1000, i * 2 FROM generate_series(1, 20000) AS i;
CREATE INDEX t_b ON t (b);
CREATE INDEX t_c ON t (c, d);
