DROP VIEW seen;
ALTER TABLE t ALTER a TYPE bigint, ADD COLUMN extra int DEFAULT 7;
CREATE VIEW seen AS SELECT id, a, note FROM t WHERE id > 0;
GRANT ALL ON seen TO app;
