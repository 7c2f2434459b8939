CREATE TABLE t (id int PRIMARY KEY, a int, s varchar(10) DEFAULT 'a', "S ]" varchar, b text, c char(3),
    CHECK (s IN ('a', 'b', 'it''s')), CHECK ("S ]" NOT IN ('x', 'y') OR b IN ('a', 'b')), CHECK (c IN ('abc')));
CREATE INDEX partial ON t (a) WHERE s IN ('a', 'b') AND "S ]" NOT IN ('([', ']');
CREATE INDEX computed ON t ((s IN ('a', 'b')));
CREATE INDEX of_lengths ON t (id) WHERE s IN ('a'::varchar(3), 'b'::varchar(5)) OR "S ]" IN ('a'::varchar(3), b, 'x');
CREATE INDEX with_length ON t (a) WHERE s IN ('a'::varchar(3), 'b'::varchar(3)) AND "S ]" <> ALL (ARRAY['x', b]::varchar(2)[]);
INSERT INTO t SELECT i, i FROM generate_series(1, 500) AS i;
