ALTER TABLE t ALTER wall TYPE timestamptz, ALTER wall2 TYPE timestamptz USING "wall2"::timestamptz, ALTER said TYPE date USING said::date,
    ALTER moment TYPE date, ALTER length TYPE interval USING length::interval, ALTER bytes TYPE text USING bytes::text,
    ALTER document TYPE tsvector USING to_tsvector(document), ALTER n TYPE text USING CASE WHEN nullif(n, 7) = NULL THEN 'none' ELSE n::text END,
    ADD COLUMN since timestamptz DEFAULT '2024-01-01 00:00', ADD COLUMN until date DEFAULT '01/02/2030',
    ADD COLUMN escaped text DEFAULT 'tab\there \\ there', ADD COLUMN pause interval DEFAULT '-1 2:03:04', ADD COLUMN tenant text DEFAULT current_setting('app.tenant'),
    ADD COLUMN also text DEFAULT to_char(timestamptz '2024-01-01 00:00+00', 'YYYY-MM-DD HH24:MI'),
    ADD CHECK (since < '05/06/2024 00:00+09');
CREATE INDEX t_said ON t (said) WHERE said > '02/03/2003';
