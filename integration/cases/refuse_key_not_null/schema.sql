CREATE TABLE t (a int, id int); CREATE UNIQUE INDEX t_id ON t (id);
