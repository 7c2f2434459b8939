CREATE TABLE places (id int PRIMARY KEY);
INSERT INTO places VALUES (1), (2);
CREATE TABLE t (
    id int PRIMARY KEY,
    code text UNIQUE,
    a int NOT NULL DEFAULT 0,
    b text,
    c numeric,
    n bigint NOT NULL DEFAULT 0,
    note text,
    place int NOT NULL DEFAULT 1 REFERENCES places,
    above int REFERENCES t ON DELETE SET NULL ON UPDATE CASCADE
);
-- Stripes as the clients know them (id % 64), eight of them; id 0 is everybody's.
INSERT INTO t (id, code, a, b, c, note, above)
SELECT i, 'c' || i, i % 100, repeat('b', i % 50), i / 7.0, 'note ' || i, CASE WHEN i % 5 = 0 THEN i END
FROM generate_series(0, 63999) AS i WHERE i % 64 < 8;
CREATE TABLE orders (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO orders SELECT i, i FROM generate_series(0, 63999) AS i WHERE i % 64 < 2;
CREATE INDEX ON orders (t);
CREATE TABLE bills (id int PRIMARY KEY, t int REFERENCES t ON DELETE SET NULL ON UPDATE CASCADE);
INSERT INTO bills SELECT i, i FROM generate_series(0, 63999) AS i WHERE i % 64 < 2;
CREATE INDEX ON bills (t);
CREATE INDEX ON t (above);
CREATE MATERIALIZED VIEW sums AS SELECT place, sum(a) AS sum, count(*) AS rows FROM t GROUP BY place;
CREATE UNIQUE INDEX sums_place ON sums (place);
CREATE VIEW cheap AS SELECT id, a FROM t WHERE a < 50;
COMMENT ON VIEW cheap IS 'its column becomes bigint';
CREATE VIEW cheapest AS SELECT min(a) AS a FROM cheap;
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touched();
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON t USING (true);
CREATE PUBLICATION of_t FOR TABLE t;
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO twin SELECT * FROM t;
