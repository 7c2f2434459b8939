ALTER TABLE t ALTER id TYPE bigint, ALTER n TYPE bigint;
CREATE INDEX t_n ON t (n);
