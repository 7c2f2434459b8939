ALTER TABLE t ALTER id TYPE bigint, ALTER twice TYPE bigint;
