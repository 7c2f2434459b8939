CREATE SCHEMA app;
CREATE SCHEMA other;
CREATE TABLE app."Orders" (id int PRIMARY KEY, n int);
CREATE TABLE public."Orders" (id int PRIMARY KEY, n int);
CREATE TABLE other."Orders" (id int PRIMARY KEY, n int);
INSERT INTO app."Orders" SELECT i, i FROM generate_series(1, 20000) AS i;
