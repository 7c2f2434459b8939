ALTER TABLE t ALTER a TYPE bigint; CREATE INDEX added ON t (id) WHERE s IN ('a', 'b');
