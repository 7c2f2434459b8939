CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int);
INSERT INTO t (a) SELECT i FROM generate_series(1, 100) AS i;
CREATE VIEW last AS SELECT last_value FROM t_id_seq;
