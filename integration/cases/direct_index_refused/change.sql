CREATE UNIQUE INDEX t_lower ON t (lower(pad || id % 19999));
ALTER TABLE t ADD COLUMN d int;
