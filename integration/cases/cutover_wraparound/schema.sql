CREATE TABLE t (id int PRIMARY KEY, a int, pad text) WITH (autovacuum_freeze_max_age = 100000, autovacuum_vacuum_cost_delay = 100,
  autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_threshold = 2000000000,
  autovacuum_analyze_threshold = 2000000000);
INSERT INTO t SELECT i, i, repeat('x', 100) FROM generate_series(1, 20000) AS i;
