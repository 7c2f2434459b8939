CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE TABLE parts (id int, t int REFERENCES t) PARTITION BY LIST (id);
