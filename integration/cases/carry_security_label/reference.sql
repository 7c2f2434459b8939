DROP VIEW recreated;
ALTER PUBLICATION labelled DROP TABLE t;
ALTER TABLE t ALTER a TYPE bigint, DROP COLUMN gone;
ALTER TABLE t RENAME COLUMN "Old Name" TO "New Name";
ALTER PUBLICATION labelled ADD TABLE t (id, a);
CREATE VIEW recreated AS SELECT id, a FROM t;
GRANT ALL ON recreated TO app;
SECURITY LABEL FOR ghosts ON VIEW recreated IS 'again';
SECURITY LABEL FOR ghosts ON COLUMN recreated.a IS 'its a';
