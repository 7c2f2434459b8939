CREATE TABLE t (id int PRIMARY KEY, n serial, i int GENERATED ALWAYS AS IDENTITY, a int);
ALTER TABLE t ALTER a SET DEFAULT nextval('t_n_seq');
INSERT INTO t (id) SELECT i FROM generate_series(1, 100) AS i;
CREATE TABLE other (k int DEFAULT nextval('t_n_seq'), i int DEFAULT nextval('t_i_seq'));
