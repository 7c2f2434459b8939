CREATE TABLE t (id int PRIMARY KEY, region text NOT NULL, n int NOT NULL, up int, a int DEFAULT 0, UNIQUE (region, n),
  CONSTRAINT up_fk FOREIGN KEY (up) REFERENCES t ON DELETE SET NULL DEFERRABLE);
CREATE TABLE twin (id bigint PRIMARY KEY, region text NOT NULL, n int NOT NULL, up int, a int DEFAULT 0, b int);
INSERT INTO t SELECT i, 'r' || i % 7, i, nullif(i - 1, 0), 0 FROM generate_series(1, 20000) AS i;
INSERT INTO twin SELECT * FROM t;
CREATE TABLE cascades (id bigserial PRIMARY KEY, t int NOT NULL CONSTRAINT "cascades FK" REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE);
COMMENT ON CONSTRAINT "cascades FK" ON cascades IS 'it''s a comment';
CREATE TABLE nulls (id bigserial PRIMARY KEY, t int REFERENCES t ON DELETE SET NULL);
CREATE TABLE defers (id bigserial PRIMARY KEY, t int REFERENCES t DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE composite (id bigserial PRIMARY KEY, region text, n int, note text,
  FOREIGN KEY (region, n) REFERENCES t (region, n) MATCH FULL ON UPDATE RESTRICT ON DELETE CASCADE);
CREATE SCHEMA app;
CREATE TABLE app."Far Away" (id int PRIMARY KEY, t int DEFAULT 1 REFERENCES t ON DELETE SET DEFAULT);
INSERT INTO app."Far Away" VALUES (1, 1);
CREATE TABLE late (id int PRIMARY KEY, t int);
INSERT INTO late VALUES (1, -5);
ALTER TABLE late ADD CONSTRAINT late_fk FOREIGN KEY (t) REFERENCES t NOT VALID;
