ALTER TABLE t ADD COLUMN status text;
