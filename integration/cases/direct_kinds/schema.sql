CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(0, 99);
CREATE TABLE t (id int NOT NULL, a int, b text, c varchar(10) DEFAULT 'x', p int, gone int)
    WITH (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0);
INSERT INTO t SELECT i, i, 'b' || i, 'c', i % 100, 1 FROM generate_series(1, 20000) AS i;
CREATE INDEX t_gone_idx ON t (gone, a);
ALTER TABLE t ADD CONSTRAINT old_check CHECK (a > -5), ADD CONSTRAINT unchecked CHECK (id > 0) NOT VALID;
CREATE TABLE twin (id int PRIMARY KEY, a int, b text, c text, p int);
INSERT INTO twin SELECT id, a, b, c, p FROM t;
ANALYZE t;
