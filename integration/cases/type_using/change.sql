ALTER TABLE t ALTER COLUMN amount TYPE bigint USING amount::bigint * 100 + flag;
ALTER TABLE t ALTER COLUMN flag TYPE boolean USING flag = 1;
ALTER TABLE t RENAME COLUMN at TO happened;
ALTER TABLE t ALTER COLUMN happened TYPE timestamptz USING to_timestamp(happened::bigint), ALTER happened SET NOT NULL;
