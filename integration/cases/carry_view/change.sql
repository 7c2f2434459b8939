ALTER TABLE t ALTER a TYPE bigint, ADD COLUMN extra int;
