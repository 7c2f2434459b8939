ALTER TABLE t ALTER n TYPE bigint, ALTER mail TYPE varchar(100);
CREATE INDEX t_n ON t (n);
