CREATE TABLE parent (id int PRIMARY KEY, x text);
CREATE TABLE pair (a int, b text, PRIMARY KEY (a, b));
CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES parent ON DELETE CASCADE, up int REFERENCES t DEFERRABLE INITIALLY DEFERRED,
  q int, r text, late int, CONSTRAINT "the Pair" FOREIGN KEY (q, r) REFERENCES pair ON UPDATE CASCADE ON DELETE SET NULL (r));
COMMENT ON CONSTRAINT "the Pair" ON t IS 'both';
CREATE TABLE twin (id int PRIMARY KEY, p bigint, up int, q int, r text, late int, b int);
INSERT INTO parent SELECT i, 'x' FROM generate_series(1, 1000) AS i;
INSERT INTO pair SELECT i, 'b' FROM generate_series(1, 1000) AS i;
INSERT INTO t SELECT i, i % 1000 + 1, nullif(i - 1, 0), i % 1000 + 1, 'b', -1 FROM generate_series(1, 20000) AS i;
INSERT INTO twin SELECT * FROM t;
ALTER TABLE t ADD FOREIGN KEY (late) REFERENCES parent NOT VALID;
