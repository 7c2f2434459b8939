CREATE TABLE t (id int PRIMARY KEY, a int);
INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE TABLE parts (kind int, t int) PARTITION BY LIST (kind);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE part_2 PARTITION OF parts FOR VALUES IN (2);
ALTER TABLE parts ADD FOREIGN KEY (t) REFERENCES t;
INSERT INTO parts SELECT 1 + i % 2, i FROM generate_series(1, 100) AS i;
