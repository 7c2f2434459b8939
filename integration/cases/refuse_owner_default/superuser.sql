CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int); INSERT INTO t (a) SELECT i FROM generate_series(1, 100) AS i;
ALTER TABLE t OWNER TO migrator;
CREATE TABLE other (id int DEFAULT nextval('t_id_seq'));
ALTER TABLE other OWNER TO app;
