ALTER TABLE t ADD COLUMN fresh int;
UPDATE t SET fresh = n * 2, standing = coalesce(standing, 'old ' || id);
ALTER TABLE t ALTER COLUMN standing SET NOT NULL;
