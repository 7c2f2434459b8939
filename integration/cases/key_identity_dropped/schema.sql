CREATE TABLE t (id int NOT NULL, code text NOT NULL);
CREATE UNIQUE INDEX t_key ON t (id);
CREATE UNIQUE INDEX t_code ON t (code);
ALTER TABLE t REPLICA IDENTITY USING INDEX t_code;
INSERT INTO t SELECT i, 'c' || i FROM generate_series(1, 500) AS i;
