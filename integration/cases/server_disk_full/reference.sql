ALTER TABLE t ADD COLUMN s text;
UPDATE t SET s = 'value of ' || id;
CREATE INDEX t_s ON t (s);
