CREATE TABLE t (id int PRIMARY KEY, other int NOT NULL); CREATE UNIQUE INDEX t_other ON t (other);
INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
CREATE PUBLICATION everybodys FOR TABLE t WITH (publish = 'delete');
