CREATE TABLE t (id int PRIMARY KEY, a int, src regclass, own boolean GENERATED ALWAYS AS (src = 't'::regclass) STORED);
INSERT INTO t (id, a, src) VALUES (1, 1, 't');
