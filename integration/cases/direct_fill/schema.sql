CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, standing text);
CREATE TABLE twin (id int PRIMARY KEY, n int NOT NULL, standing text, ours int);
INSERT INTO t SELECT i, i FROM generate_series(0, 19999) AS i;
ALTER TABLE t ALTER COLUMN standing SET DEFAULT 'default';
INSERT INTO twin SELECT id, n, NULL, n * 2 FROM t;
