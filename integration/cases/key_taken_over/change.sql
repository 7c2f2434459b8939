ALTER TABLE t ALTER id TYPE bigint, ADD COLUMN extra int;
