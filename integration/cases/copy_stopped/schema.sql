CREATE FUNCTION slow(x int) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF current_setting('application_name') LIKE 'pgwraith copy%' THEN PERFORM pg_sleep(0.0002); END IF;
    RETURN 'note of ' || x || repeat('.', 400);
END $$;
CREATE TABLE t (id int PRIMARY KEY, pad text);
INSERT INTO t SELECT i, repeat('p', 200) FROM generate_series(1, 4000) AS i;
