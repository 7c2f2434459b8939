CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, twice int GENERATED ALWAYS AS (a * 2), half int GENERATED ALWAYS AS (a / 2) STORED,
  pad text, CONSTRAINT twice_small CHECK (twice < 1000000));
INSERT INTO t (id, a, pad) SELECT i, i, 'pad' FROM generate_series(0, 20000 - 1) AS i;
COMMENT ON COLUMN t.twice IS 'never stored';
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO twin (id, a, pad) SELECT id, a, pad FROM t;
