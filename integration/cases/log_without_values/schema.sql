CREATE TABLE t (id int PRIMARY KEY, card text, n int NOT NULL);
INSERT INTO t SELECT i, '4111-' || i, i FROM generate_series(1, 5000) AS i;
CREATE TABLE rate (r int);
INSERT INTO rate VALUES (1);
-- A lie: what it says changes with the other table.
CREATE FUNCTION rated(x int) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN x * (SELECT r FROM public.rate); END';
CREATE FUNCTION card_of(card text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF card LIKE '%-99' THEN RAISE EXCEPTION 'no card: %', card USING DETAIL = card, HINT = card, ERRCODE = 'check_violation'; END IF;
    RETURN card;
END $$;
