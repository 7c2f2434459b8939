ALTER TABLE t ADD COLUMN made timestamptz;
