-- Late minor versions alter no table whose own default or CHECK names its row type.
ALTER TABLE t ALTER kind DROP DEFAULT, DROP CONSTRAINT typed;
ALTER TABLE t ALTER a TYPE bigint;
ALTER TABLE t ALTER kind SET DEFAULT 't[]'::regtype, ADD CONSTRAINT typed CHECK (NULL::t IS NULL);
