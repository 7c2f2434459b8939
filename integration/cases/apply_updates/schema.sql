CREATE TABLE t (id int PRIMARY KEY, customer int, n int) WITH (fillfactor = 50);
CREATE INDEX t_customer ON t (customer);
INSERT INTO t SELECT i, i % 100, 0 FROM generate_series(1, 8000) AS i;
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO twin SELECT * FROM t;
