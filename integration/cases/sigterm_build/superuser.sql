-- Of seconds, in the phase that is stopped, until the test says otherwise. (A sequence's value is seen at once.)
CREATE SEQUENCE slowness;
GRANT SELECT ON slowness TO public;
CREATE FUNCTION slow(x bigint) RETURNS bigint IMMUTABLE STRICT LANGUAGE plpgsql AS
$$ BEGIN
  IF x % 20 = 0 AND current_setting('application_name') ~ '^pgwraith (build) '
     AND (SELECT last_value FROM public.slowness) = 1 THEN PERFORM pg_sleep(0.005); END IF;
  RETURN x;
END $$;
