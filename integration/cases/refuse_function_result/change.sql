ALTER TABLE t ALTER a TYPE jsonb USING to_jsonb(a);
