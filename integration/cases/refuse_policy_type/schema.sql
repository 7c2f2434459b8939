CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE POLICY high ON t USING (a > 5);
CREATE POLICY fits ON t USING (a IS NOT NULL);
