CREATE TABLE t (id int PRIMARY KEY, a int);
ALTER TABLE t ADD COLUMN idx regclass DEFAULT 't_pkey'::regclass;
CREATE INDEX t_idx ON t (a) WHERE 't_pkey'::regclass IS NOT NULL;
