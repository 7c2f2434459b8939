ALTER TABLE t
    ALTER i4 TYPE bigint, ALTER i2 TYPE text, ALTER n TYPE numeric(20, 2), ALTER num2 TYPE numeric(12, 1), ALTER f4 TYPE double precision,
    ALTER v TYPE varchar(10), ALTER v2 TYPE char(8), ALTER ty TYPE varchar(6) USING left(ty, 6), ALTER tx TYPE varchar, ALTER c TYPE text, ALTER nm TYPE text,
    ALTER tm TYPE time(0), ALTER tstz TYPE timestamp, ALTER ts TYPE timestamptz(0), ALTER iv2 TYPE interval(2), ALTER d TYPE timestamp, ALTER u TYPE text, ALTER js2 TYPE jsonb,
    ALTER inet TYPE text, ALTER dom2 TYPE share, ALTER en TYPE text, ALTER vb TYPE bit varying(12), ALTER ch TYPE text,
    DROP COLUMN drop2, DROP COLUMN gen,
    ADD COLUMN words text, ADD COLUMN state colour, ADD COLUMN old_state varchar(10), ADD COLUMN moment timestamptz, ADD COLUMN plain int DEFAULT 7,
    ADD COLUMN twice bigint GENERATED ALWAYS AS (i4 * 2) STORED;
UPDATE t SET words = upper(tx) || ', ' || i4, state = CASE WHEN b THEN 'red' ELSE 'green' END::colour, old_state = 'green', moment = '2024-01-01';
ALTER TABLE t ALTER state SET NOT NULL, ALTER moment SET NOT NULL;
