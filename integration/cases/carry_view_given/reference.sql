DROP VIEW fewer;
ALTER TABLE t RENAME a TO b;
CREATE VIEW fewer AS SELECT u.id FROM t u WHERE u.id > 0 FOR UPDATE OF u;
GRANT ALL ON fewer TO app;
GRANT SELECT (id) ON fewer TO reads_given;
COMMENT ON COLUMN fewer.id IS 'stays';
