CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (1);
CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES parent); INSERT INTO t SELECT i, 1 FROM generate_series(1, 100) AS i;
ALTER TABLE t OWNER TO migrator;
GRANT SELECT ON parent TO migrator;
