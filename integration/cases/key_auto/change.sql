ALTER TABLE t ALTER id TYPE bigint, ADD PRIMARY KEY (id, made);
DROP INDEX t_two;
