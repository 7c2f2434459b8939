ALTER TABLE t ALTER id TYPE bigint, ALTER n TYPE bigint, ADD COLUMN s bigint;
