CREATE SCHEMA "My schema";
SET search_path = "My schema";
CREATE TABLE p (id int, code text, PRIMARY KEY (id), UNIQUE (id, code));
INSERT INTO p SELECT i, 'c' || i FROM generate_series(1, 20) AS i;
CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts_2 PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT generate_series(1, 20);
CREATE TYPE pair AS (x int, y int);
CREATE SEQUENCE numbers;
CREATE TABLE "T 1" (id int, "Big" int DEFAULT 7, "select" text, c int, code text, d int, e int,
                    eine_spalte_mit_einem_sehr_langen_namen_der_63_zeichen_hat_genu int, PRIMARY KEY (id));
INSERT INTO "T 1" SELECT i, i, 's' || i, i % 20 + 1, 'c' || i % 20 + 1, i, i, i FROM generate_series(1, 300) AS i;
ALTER TABLE "T 1" DROP COLUMN e;
ALTER TABLE "T 1" ADD pair pair;
UPDATE "T 1" SET pair = ROW(id, NULL);
CREATE INDEX first ON "T 1" (d);
CREATE INDEX "T 1_d_idx" ON "T 1" (d);
ALTER TABLE "T 1" ADD CONSTRAINT sure CHECK (c IS NOT NULL);
ALTER TABLE "T 1" ENABLE ROW LEVEL SECURITY;
CREATE PUBLICATION direct_as_written FOR TABLE "T 1";
-- Names that the server would choose, or that are asked for.
CREATE TABLE "T 1_c_idx" ();
CREATE SEQUENCE "T 1_c_idx1";
CREATE TABLE other (x int, CONSTRAINT "T 1_c_code_fkey" CHECK (x > 0), CONSTRAINT "T 1_c_check" CHECK (x > 0));
CREATE STATISTICS taken ON id, code FROM p;
CREATE TABLE no_right (id int PRIMARY KEY);
