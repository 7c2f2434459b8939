CREATE TABLE t (id int, a int); CREATE INDEX t_id ON t (id);
