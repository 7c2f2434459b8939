CREATE TABLE t (id serial PRIMARY KEY, n int);
CREATE TABLE c (id serial PRIMARY KEY, p int NOT NULL REFERENCES t);
INSERT INTO t (n) SELECT i FROM generate_series(1, 3000) AS i;
INSERT INTO c (p) SELECT i FROM generate_series(1, 3000) AS i;
