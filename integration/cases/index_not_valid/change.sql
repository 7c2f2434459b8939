ALTER TABLE t ALTER n TYPE bigint, ALTER mail TYPE varchar(100);
DROP INDEX in_sql;
ALTER INDEX renamed RENAME TO renamed_again;
CREATE INDEX t_n ON t (n);
