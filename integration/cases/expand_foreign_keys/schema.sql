CREATE TABLE countries (name text PRIMARY KEY);
CREATE TABLE cities (country text REFERENCES countries, name text, PRIMARY KEY (country, name));
INSERT INTO countries SELECT 'c' || i FROM generate_series(0, 9) AS i;
INSERT INTO cities SELECT 'c' || i, 't' || j FROM generate_series(0, 9) AS i, generate_series(0, 9) AS j;
CREATE TABLE t (id int PRIMARY KEY, country text NOT NULL REFERENCES countries ON UPDATE CASCADE, city text,
    CONSTRAINT t_city FOREIGN KEY (country, city) REFERENCES cities MATCH FULL);
INSERT INTO t SELECT i, 'c' || i % 10, 't' || i / 10 % 10 FROM generate_series(1, 2000) AS i;
