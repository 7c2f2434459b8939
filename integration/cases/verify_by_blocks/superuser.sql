-- In verification, until the test says otherwise. (A sequence's value is seen at once.)
CREATE SEQUENCE held;
GRANT SELECT ON held TO public;
CREATE FUNCTION slow(x bigint) RETURNS bigint IMMUTABLE STRICT LANGUAGE plpgsql AS
$$ BEGIN
  IF x % 200 = 0 AND current_setting('application_name') ~ '^pgwraith verify ' THEN
    WHILE (SELECT last_value FROM public.held) = 2 LOOP PERFORM pg_sleep(0.005); END LOOP;
  END IF;
  RETURN x;
END $$;
