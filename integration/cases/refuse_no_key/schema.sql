CREATE TABLE t (id int, a int, code text NOT NULL); CREATE UNIQUE INDEX t_id ON t (id); CREATE UNIQUE INDEX "By code" ON t (code);
