CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int CONSTRAINT child_fk REFERENCES parents);
