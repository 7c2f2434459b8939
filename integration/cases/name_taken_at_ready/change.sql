ALTER TABLE t ALTER n TYPE bigint, ADD COLUMN s bigserial;
CREATE INDEX t_n_idx ON t (n);
CREATE STATISTICS t_stats ON id, n FROM t;
