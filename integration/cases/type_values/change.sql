ALTER TABLE t ALTER COLUMN amount TYPE bigint, ADD COLUMN status text NOT NULL DEFAULT 'new', ADD COLUMN initials text, DROP COLUMN last;
CREATE INDEX t_status ON t (status) WHERE status <> 'shipped';
