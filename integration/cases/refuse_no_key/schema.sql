CREATE TABLE t (id int, a int); CREATE UNIQUE INDEX t_id ON t (id);
