CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL);
INSERT INTO t SELECT i, i FROM generate_series(1, 3000) AS i;
-- Holds up the sessions that fill, or compare columns, until the test says otherwise. (A sequence's value is seen at once.)
CREATE SEQUENCE held MINVALUE 0 START 0;
GRANT ALL ON held TO public;
CREATE FUNCTION held(x bigint) RETURNS bigint IMMUTABLE STRICT LANGUAGE plpgsql AS
$$ BEGIN
  WHILE x = 2000 AND current_setting('application_name') ~ '^pgwraith (fill [0-9]|compare)' AND (SELECT last_value FROM public.held) = 1 LOOP
    PERFORM pg_sleep(0.01);
  END LOOP;
  RETURN x;
END $$;
