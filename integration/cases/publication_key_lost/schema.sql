CREATE TABLE t (id int PRIMARY KEY, tenant int NOT NULL, n int);
INSERT INTO t SELECT i, i, i FROM generate_series(1, 100) AS i;
CREATE PUBLICATION listed FOR TABLE t (id, n);
CREATE PUBLICATION inserts FOR TABLE t WITH (publish = 'insert');
CREATE PUBLICATION plain FOR TABLE t WITH (publish = 'insert, delete');
