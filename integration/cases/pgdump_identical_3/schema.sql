CREATE SCHEMA "Select FROM";
CREATE DOMAIN "Select FROM"."Positive" AS int CHECK (VALUE > 0);
CREATE TYPE "Select FROM".mood AS ENUM ('sad', 'ok');
CREATE TABLE "Select FROM"."t ON x TO y" (
    "id FROM" text COLLATE "C", "when" timestamptz, mood "Select FROM".mood DEFAULT 'ok'::"Select FROM".mood, p "Select FROM"."Positive" DEFAULT 1,
    seq int DEFAULT 1, "a, b" int[], CONSTRAINT "pk USING" PRIMARY KEY ("id FROM", "when") INCLUDE (mood));
INSERT INTO "Select FROM"."t ON x TO y" ("id FROM", "when") SELECT 'i' || i, 'epoch'::timestamptz + i * interval '1 hour' FROM generate_series(1, 3000) AS i;
SET search_path = "Select FROM";
CREATE SEQUENCE "seq ON" OWNED BY "t ON x TO y".seq;
CREATE SEQUENCE second_seq AS smallint OWNED BY "t ON x TO y".seq;
ALTER TABLE "t ON x TO y" ALTER COLUMN seq SET DEFAULT nextval('"seq ON"') * 10;
CREATE STATISTICS "s FROM (x) ON" ON "id FROM", "when", (p % 3) FROM "t ON x TO y";
COMMENT ON STATISTICS "s FROM (x) ON" IS ' FROM ';
CREATE INDEX "i ON (x" ON "t ON x TO y" ((("when" AT TIME ZONE 'UTC')::date), p) WHERE mood = 'sad';
ALTER INDEX "i ON (x" ALTER COLUMN 1 SET STATISTICS 99;
CREATE FUNCTION "f ON"() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER "trigger ON t" AFTER INSERT ON "t ON x TO y" REFERENCING NEW TABLE AS "new ON" FOR EACH STATEMENT EXECUTE FUNCTION "f ON"('$1', 'a;b', '\');
CREATE TABLE "log TO" (n int);
CREATE TRIGGER "x ON (" AFTER INSERT OR UPDATE OF "id FROM", "a, b" ON "t ON x TO y" FOR EACH ROW WHEN (new.seq > 0) EXECUTE FUNCTION "f ON"();
CREATE RULE "rule TO t" AS ON UPDATE TO "t ON x TO y" WHERE new.mood = 'sad' AND new."id FROM" = ' TO ; '
    DO ALSO (DELETE FROM "t ON x TO y" WHERE "id FROM" = 'TO' || old."id FROM"; INSERT INTO "log TO" VALUES (new.seq));
ALTER TABLE "t ON x TO y" ENABLE ALWAYS RULE "rule TO t", DISABLE TRIGGER "trigger ON t";
COMMENT ON RULE "rule TO t" ON "t ON x TO y" IS 'TO';
CREATE POLICY "policy ON" ON "t ON x TO y" TO "app TO ""all""" USING ("id FROM" <> ' ON ''' AND p::int IN (SELECT 1 FROM "t ON x TO y"));
CREATE PUBLICATION "pub ON TABLE" FOR TABLE "t ON x TO y" ("id FROM", "when", "a, b") WHERE ("id FROM" > 'ON');
GRANT INSERT ("a, b"), SELECT (seq) ON "t ON x TO y" TO "app TO ""all""";
REVOKE ALL ON "t ON x TO y" FROM migrator;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON "t ON x TO y" TO migrator;
COMMENT ON COLUMN "t ON x TO y"."a, b" IS E'two\nlines';
