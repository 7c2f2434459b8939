CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (1);
CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (1);
CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES parent, o int REFERENCES other); INSERT INTO t SELECT i, 1, 1 FROM generate_series(1, 100) AS i;
ALTER TABLE t OWNER TO migrator;
GRANT SELECT ON parent, other TO migrator;
