CREATE TABLE t (id int PRIMARY KEY, code int NOT NULL UNIQUE, n int NOT NULL);
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT i, i, 0 FROM generate_series(0, 10000 - 1) AS i;
INSERT INTO twin SELECT * FROM t;
-- An index on this is built for as long as somebody holds the lock.
CREATE FUNCTION waits(n bigint) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_lock_shared(7);
    PERFORM pg_advisory_unlock_shared(7);
    RETURN n;
END $$;
