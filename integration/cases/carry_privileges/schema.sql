CREATE TABLE t (id int PRIMARY KEY, a int, touched int DEFAULT 0, "Amount" int, secret text, gone text);
INSERT INTO t SELECT i, i, 0, i, 's', 'g' FROM generate_series(1, 8000) AS i;
CREATE TABLE twin (id int PRIMARY KEY, a int, touched int);
INSERT INTO twin SELECT id, a, touched FROM t;
