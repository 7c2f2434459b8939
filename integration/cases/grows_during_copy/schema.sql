CREATE TABLE t (id bigserial PRIMARY KEY, a int, pad text);
CREATE TABLE twin (id bigint PRIMARY KEY, a int, pad text);
INSERT INTO t (a, pad) SELECT i, repeat('x', 200) FROM generate_series(1, 6000) AS i;
INSERT INTO twin SELECT * FROM t;
