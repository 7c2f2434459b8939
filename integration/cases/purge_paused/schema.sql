CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, pad text);
INSERT INTO t SELECT i, 0, repeat('p', 100) FROM generate_series(1, 5000) AS i;
CREATE TABLE twin (id bigint PRIMARY KEY, n bigint NOT NULL, pad text);
INSERT INTO twin SELECT * FROM t;
