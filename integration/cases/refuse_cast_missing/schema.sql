CREATE TABLE t (id int PRIMARY KEY, flag text);
