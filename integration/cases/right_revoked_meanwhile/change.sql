ALTER TABLE own.t ALTER n TYPE bigint;
