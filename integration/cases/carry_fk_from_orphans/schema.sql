CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(1, 1000);
CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES parent, up int REFERENCES t);
INSERT INTO t SELECT i, i, nullif(i - 1, 0) FROM generate_series(1, 1000) AS i;
