ALTER TABLE t ALTER a TYPE bigint, SET (autovacuum_vacuum_threshold = 7, toast.autovacuum_enabled = true);
