CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, standing text);
-- What the clients wrote themselves.
CREATE TABLE twin (id int PRIMARY KEY, n int NOT NULL, standing text, fresh int);
INSERT INTO t SELECT i, i FROM generate_series(0, 19999) AS i;
ALTER TABLE t ALTER COLUMN standing SET DEFAULT 'default';
INSERT INTO twin SELECT id, n FROM t;
CREATE INDEX t_waiting ON t (id) WHERE standing IS NULL;
CREATE TABLE overwritten (id int, standing text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('application_name') LIKE 'pgwraith%' THEN
        INSERT INTO public.overwritten VALUES (OLD.id, OLD.standing);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER UPDATE ON t FOR EACH ROW
    WHEN (OLD.standing IS NOT NULL AND NEW.standing IS DISTINCT FROM OLD.standing) EXECUTE FUNCTION note();
