ALTER TABLE t DROP CONSTRAINT old_key;
ALTER TABLE t ADD PRIMARY KEY (region, id), ADD CONSTRAINT old_key UNIQUE (id);
COMMENT ON INDEX t_pkey IS 'the server named it';
