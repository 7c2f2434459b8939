CREATE TABLE t (id serial PRIMARY KEY, name varchar(20), other int);
CREATE INDEX t_other ON t (other);
CREATE TABLE elsewhere (id int PRIMARY KEY, n int);
CREATE INDEX elsewhere_n ON elsewhere (n);
CREATE SEQUENCE lonely;
