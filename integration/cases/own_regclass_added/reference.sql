ALTER TABLE t ADD COLUMN src regclass DEFAULT 't'::regclass,
    ADD COLUMN given regclass,
    ADD CONSTRAINT own CHECK (src = 't'::regclass);
ALTER TABLE t ADD CONSTRAINT shape CHECK (NULL::t IS NULL) NOT VALID;
CREATE INDEX part ON t (a) WHERE src = 't'::regclass;
UPDATE t SET given = 't'::regclass WHERE id > 5;
