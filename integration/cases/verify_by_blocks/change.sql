ALTER TABLE t ALTER n TYPE bigint, ADD COLUMN s bigint;
