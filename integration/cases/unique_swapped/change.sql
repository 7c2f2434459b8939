ALTER TABLE t ALTER code TYPE bigint;
CREATE UNIQUE INDEX t_name_lower ON t (lower(name));
