CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, s serial, twice int GENERATED ALWAYS AS (a * 2) STORED);
INSERT INTO t (a) SELECT i FROM generate_series(1, 10000) AS i;
DELETE FROM t WHERE id > 9000;
CREATE TABLE twin (id bigint PRIMARY KEY, a int, s int, twice int GENERATED ALWAYS AS (a * 2) STORED, square bigint GENERATED ALWAYS AS (a::bigint * a) STORED);
INSERT INTO twin (id, a, s) SELECT id, a, s FROM t;
