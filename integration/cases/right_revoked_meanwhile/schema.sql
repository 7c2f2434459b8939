CREATE TABLE own.t (id int PRIMARY KEY, n int, p int DEFAULT 1 REFERENCES parent);
INSERT INTO own.t SELECT i, i FROM generate_series(1, 500) AS i;
