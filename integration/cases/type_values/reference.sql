ALTER TABLE t ALTER COLUMN amount TYPE bigint USING round(amount * 100)::bigint, ADD COLUMN status text NOT NULL DEFAULT 'new', ADD COLUMN initials text;
UPDATE t SET status = CASE WHEN shipped IS NULL THEN 'new' ELSE 'shipped' END, initials = left(first, 1) || left(last, 1);
ALTER TABLE t DROP COLUMN last;
CREATE INDEX t_status ON t (status) WHERE status <> 'shipped';
