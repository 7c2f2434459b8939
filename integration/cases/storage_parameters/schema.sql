CREATE TABLE t (id int PRIMARY KEY, a int, pad text)
  WITH (autovacuum_freeze_max_age = 200000, autovacuum_enabled = true, fillfactor = 70, toast.autovacuum_freeze_max_age = 300000,
        autovacuum_vacuum_scale_factor = 0.3);
INSERT INTO t SELECT i, i, 'x' FROM generate_series(1, 100) AS i;
