ALTER TABLE t ADD COLUMN status text;
UPDATE t SET status = 's' || n % 3;
