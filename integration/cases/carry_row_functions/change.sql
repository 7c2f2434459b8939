ALTER TABLE people ALTER a TYPE bigint;
