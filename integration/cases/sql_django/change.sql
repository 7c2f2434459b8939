BEGIN;
--
-- Alter field id on t
--
ALTER TABLE "t" ALTER COLUMN "id" TYPE bigint USING "id"::bigint;
ALTER SEQUENCE IF EXISTS "t_id_seq" AS bigint;
SET CONSTRAINTS ALL IMMEDIATE;
COMMIT;
