ALTER TABLE t ADD COLUMN r int, ADD COLUMN at timestamptz DEFAULT clock_timestamp();
