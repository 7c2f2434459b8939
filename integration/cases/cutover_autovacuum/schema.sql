CREATE TABLE p (id int PRIMARY KEY, a int, pad text) WITH (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_insert_threshold = -1,
  autovacuum_analyze_threshold = 2000000000);
CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p, a int, pad text) WITH (autovacuum_vacuum_threshold = 1,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,
  autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_threshold = 2000000000);
INSERT INTO p SELECT i, i, repeat('x', 100) FROM generate_series(1, 20000) AS i;
INSERT INTO t SELECT i, i, i, repeat('x', 100) FROM generate_series(1, 20000) AS i;
