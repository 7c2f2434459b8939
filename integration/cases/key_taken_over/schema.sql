CREATE TABLE t (id int PRIMARY KEY, who text NOT NULL, n int NOT NULL DEFAULT 0);
CREATE TABLE twin (id int PRIMARY KEY, who text NOT NULL, n int NOT NULL DEFAULT 0);
INSERT INTO t SELECT i, 'row ' || i FROM generate_series(0, 39999) AS i WHERE i % 8 < 4 AND i / 8 % 2 = 0;
INSERT INTO twin SELECT * FROM t;
